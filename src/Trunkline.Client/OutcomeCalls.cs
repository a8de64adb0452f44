using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>What became of messages, counted and listed. Reached by <see cref="TrunklineClient.Outcomes"/>.</summary>
public sealed class OutcomeCalls
{
    private readonly NodeHttp _http;

    internal OutcomeCalls(NodeHttp http) => _http = http;

    /// <summary>Counts by flow, outcome and cause.</summary>
    /// <param name="flow">The flow, or null for all.</param>
    /// <param name="since">How far back, such as <c>24h</c>; one minute to seven days.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<OutcomeCounts> CountAsync(string? flow, string since, CancellationToken cancellationToken)
    {
        var only = flow is null ? "" : $"&flow={Uri.EscapeDataString(flow)}";
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/api/v1/outcome-counts?since={Uri.EscapeDataString(since)}{only}"), ApiJson.Default.OutcomeCounts, cancellationToken);
    }

    /// <summary>The newest messages of a flow with one outcome, newest first.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="question">Which of its messages.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<OutcomeList> ListAsync(string flow, OutcomeQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/api/v1/flows/{Uri.EscapeDataString(flow)}/outcomes?{question.Query}"), ApiJson.Default.OutcomeList, cancellationToken);
    }

    /// <summary>The newest of what was told later, of one kind, newest first.</summary>
    /// <param name="fact">The kind: <c>delivered</c>, <c>bounced</c>, <c>read</c>, <c>rated</c>, <c>converted</c> or <c>label</c>.</param>
    /// <param name="since">How far back, such as <c>24h</c>; one minute to seven days.</param>
    /// <param name="before">Where to look further back, as an answer named it; null for the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<FactList> ListFactsAsync(string fact, string since, long? before, CancellationToken cancellationToken)
    {
        var from = before is null ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"&before={before}");
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/api/v1/facts?fact={Uri.EscapeDataString(fact)}&since={Uri.EscapeDataString(since)}{from}"), ApiJson.Default.FactList, cancellationToken);
    }
}
