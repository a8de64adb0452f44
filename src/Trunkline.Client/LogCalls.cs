using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>What the node logged. Reached by <see cref="TrunklineClient.Logs"/>.</summary>
public sealed class LogCalls
{
    private readonly NodeHttp _http;

    internal LogCalls(NodeHttp http) => _http = http;

    /// <summary>The newest lines, newest first.</summary>
    /// <param name="question">Which lines.</param>
    /// <param name="limit">Most lines, 1 to 1000.</param>
    /// <param name="before">Where to look further back, as an answer named it; null for the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<LogList> FindAsync(LogQuestion question, int limit, long? before, CancellationToken cancellationToken) =>
        AskAsync(question, string.Create(CultureInfo.InvariantCulture, $"limit={limit}{(before is null ? "" : $"&before={before}")}"), cancellationToken);

    /// <summary>The lines from a place on, oldest first.</summary>
    /// <param name="question">Which lines.</param>
    /// <param name="after">The place, as an answer named it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<LogList> FollowAsync(LogQuestion question, long after, CancellationToken cancellationToken) =>
        AskAsync(question, string.Create(CultureInfo.InvariantCulture, $"limit=1000&after={after}"), cancellationToken);

    private Task<LogList> AskAsync(LogQuestion question, string more, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        var query = question.Query is { Length: > 0 } asked ? $"{more}&{asked}" : more;
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/api/v1/logs?{query}"), ApiJson.Default.LogList, cancellationToken);
    }
}
