using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>Alerts of one node: list, take on, silence. Thread-safe.</summary>
public sealed class AlertCalls
{
    private readonly NodeHttp _http;

    internal AlertCalls(NodeHttp http) => _http = http;

    /// <summary>Those that are on, newest first, then the latest that ended.</summary>
    /// <param name="limit">Most alerts, 1 to 2000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<AlertList> ListAsync(int limit, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, FormattableString.Invariant($"/api/v1/alerts?limit={limit}")), ApiJson.Default.AlertList, cancellationToken);

    /// <summary>How incidents of owners went, week by week.</summary>
    /// <param name="weeks">Weeks, with the one that is: 1 to 52.</param>
    /// <param name="owner">Only this owner's; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IncidentTrends> TrendsAsync(int weeks, string? owner, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Get, FormattableString.Invariant($"/api/v1/incidents?weeks={weeks}") + (owner is null ? "" : $"&owner={Uri.EscapeDataString(owner)}")), ApiJson.Default.IncidentTrends, cancellationToken);

    /// <summary>Takes an alert on.</summary>
    /// <exception cref="TrunklineException"><c>alert.not-found</c>: none of this id is on.</exception>
    public Task<AlertView> AcknowledgeAsync(string id, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/api/v1/alerts/{Uri.EscapeDataString(id)}/acknowledge"), ApiJson.Default.AlertView, cancellationToken);

    /// <summary>Tells nobody of alerts that fit, until an end.</summary>
    /// <exception cref="TrunklineException"><c>alert.silence-invalid</c>.</exception>
    public Task<SilenceView> SilenceAsync(SilenceRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/silences", request, (ApiJson.Default.SilenceRequest, ApiJson.Default.SilenceView), cancellationToken);

    /// <summary>Ends a silence.</summary>
    /// <exception cref="TrunklineException"><c>alert.not-found</c>: none of this id is in force.</exception>
    public async Task UnsilenceAsync(string id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/silences/{Uri.EscapeDataString(id)}");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
    }
}
