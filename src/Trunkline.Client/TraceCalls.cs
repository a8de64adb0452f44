using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>Which kept traces.</summary>
public sealed record TraceQuery
{
    /// <summary>Those that passed this flow; null for all.</summary>
    public string? Flow { get; init; }

    /// <summary>Those of this message's id; null for all.</summary>
    public string? Message { get; init; }

    /// <summary>Those that passed this service; null for all.</summary>
    public string? Service { get; init; }

    /// <summary>Only those in which something failed.</summary>
    public bool Failed { get; init; }

    /// <summary>Most traces, 1 to 1000.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>Kept traces of one node. Thread-safe.</summary>
public sealed class TraceCalls
{
    private readonly NodeHttp _http;

    internal TraceCalls(NodeHttp http) => _http = http;

    /// <summary>Those that fit, the last to begin first.</summary>
    public Task<TraceList> ListAsync(TraceQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var parts = new List<string> { "limit=" + query.Limit.ToString(CultureInfo.InvariantCulture) };
        parts.AddRange(new[] { ("flow", query.Flow), ("message", query.Message), ("service", query.Service), ("failed", query.Failed ? "true" : null) }
            .Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/v1/traces?" + string.Join('&', parts)), ApiJson.Default.TraceList, cancellationToken);
    }

    /// <summary>The spans of one, with those of the traces it is linked to.</summary>
    /// <exception cref="TrunklineException"><c>trace.not-found</c>.</exception>
    public Task<TraceView> GetAsync(string trace, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/v1/traces/" + Uri.EscapeDataString(trace)), ApiJson.Default.TraceView, cancellationToken);

    /// <summary>What bounds how long messages take through a flow.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="whatIf">Owners and factors of their time, such as <c>model.reply=0.5</c>.</param>
    /// <param name="hours">How far back, up to 48.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="TrunklineException"><c>flow.not-found</c>, <c>path.no-traces</c>.</exception>
    public Task<PathView> PathAsync(string flow, IReadOnlyList<string> whatIf, double hours, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(whatIf);
        var query = string.Concat(whatIf.Select(w => "&whatIf=" + Uri.EscapeDataString(w)));
        return _http.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, FormattableString.Invariant($"/api/v1/flows/{Uri.EscapeDataString(flow)}/path?hours={hours}{query}")), ApiJson.Default.PathView, cancellationToken);
    }
}
