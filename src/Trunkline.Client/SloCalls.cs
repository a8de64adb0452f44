using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>SLOs and promises of one node. Thread-safe.</summary>
public sealed class SloCalls
{
    private readonly NodeHttp _http;

    internal SloCalls(NodeHttp http) => _http = http;

    /// <summary>What flows promise, and how their budgets stand.</summary>
    /// <param name="flow">Only this flow's; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<SloList> ListAsync(string? flow, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, flow is null ? "/api/v1/slos" : $"/api/v1/slos?flow={Uri.EscapeDataString(flow)}"), ApiJson.Default.SloList, cancellationToken);

    /// <summary>What teams owe each other and tenants, and how they kept it in a calendar month.</summary>
    /// <param name="month">Such as <c>2026-02</c>; null for the month that is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<PromiseList> PromisesAsync(string? month, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, month is null ? "/api/v1/promises" : $"/api/v1/promises?month={Uri.EscapeDataString(month)}"), ApiJson.Default.PromiseList, cancellationToken);

    /// <summary>What alerts on SLOs would have done in a past time.</summary>
    /// <param name="flow">Only this flow's; null for all.</param>
    /// <param name="since">How far back, such as <c>24h</c>; one hour to 46 hours.</param>
    /// <param name="tried">Other numbers to try; null for those in force.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<SloTestList> TestAsync(string? flow, string since, SloTrialNumbers? tried, CancellationToken cancellationToken)
    {
        var query = new[] { ("flow", flow), ("target", tried?.Target), ("window", tried?.Window), ("least", tried?.Least?.ToString(CultureInfo.InvariantCulture)) }
            .Where(p => p.Item2 is not null).Select(p => $"&{p.Item1}={Uri.EscapeDataString(p.Item2!)}");
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/api/v1/slos/test?since={Uri.EscapeDataString(since)}{string.Concat(query)}"), ApiJson.Default.SloTestList, cancellationToken);
    }
}
