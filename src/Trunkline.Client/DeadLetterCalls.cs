using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>Dead letters of one node: list, group, show, redrive, drop, export. Thread-safe.</summary>
public sealed class DeadLetterCalls
{
    private readonly NodeHttp _http;

    internal DeadLetterCalls(NodeHttp http) => _http = http;

    /// <summary>Open dead letters of a flow, or of all, that fit.</summary>
    /// <param name="flow">The flow, or null.</param>
    /// <param name="selection">Which.</param>
    /// <param name="state"><c>open</c>, <c>done</c> or <c>all</c>.</param>
    /// <param name="limit">Most dead letters, 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<DeadLetterPage> ListAsync(string? flow, DeadLetterSelection selection, string state, int limit, CancellationToken cancellationToken) => GetAsync(
        "/api/v1/dead" + Query(selection, ("flow", flow), ("state", state), ("limit", limit.ToString(CultureInfo.InvariantCulture))),
        ApiJson.Default.DeadLetterPage,
        cancellationToken);

    /// <summary>The page after <paramref name="page"/>, which has one.</summary>
    public Task<DeadLetterPage> NextAsync(DeadLetterPage page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(page);
        return GetAsync(page.Next ?? throw new ArgumentException("The page is the last one.", nameof(page)), ApiJson.Default.DeadLetterPage, cancellationToken);
    }

    /// <summary>Open dead letters by cause.</summary>
    /// <param name="flow">The flow, or null for all.</param>
    /// <param name="selection">Which.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<DeadLetterGroupList> GroupAsync(string? flow, DeadLetterSelection selection, CancellationToken cancellationToken) =>
        GetAsync("/api/v1/dead/groups" + Query(selection, ("flow", flow)), ApiJson.Default.DeadLetterGroupList, cancellationToken);

    /// <summary>One dead letter.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="offset">Its offset there.</param>
    /// <param name="withPayload">Whether its payload is told; needs scope operate.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<DeadLetterView> ShowAsync(string flow, int partition, long offset, bool withPayload, CancellationToken cancellationToken) =>
        GetAsync($"{One(flow, partition, offset)}?payload={(withPayload ? "true" : "false")}", ApiJson.Default.DeadLetterView, cancellationToken);

    /// <summary>Runs its message again. Returns once what became of it is durable; done again it does nothing.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="offset">Its offset there.</param>
    /// <param name="request">As it was, or edited.</param>
    /// <param name="cancellationToken">Ends the wait; the message goes its way.</param>
    public Task<RedriveResponse> RedriveAsync(string flow, int partition, long offset, RedriveRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{One(flow, partition, offset)}/redrive", request, (ApiJson.Default.RedriveRequest, ApiJson.Default.RedriveResponse), cancellationToken);

    /// <summary>Drops one.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="offset">Its offset there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<DropResponse> DropAsync(string flow, int partition, long offset, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"{One(flow, partition, offset)}/drop"), ApiJson.Default.DropResponse, cancellationToken);

    /// <summary>Drops all open ones that fit.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="request">Which.</param>
    /// <param name="cancellationToken">Ends the wait; some may be dropped.</param>
    public Task<DropResponse> DropAsync(string flow, DropRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{All(flow)}/drop", request, (ApiJson.Default.DropRequest, ApiJson.Default.DropResponse), cancellationToken);

    /// <summary>Begins to redrive all open ones that fit; it goes on in the background.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="request">Which, and how fast.</param>
    /// <param name="cancellationToken">Ends the wait; the redrive may have begun.</param>
    public Task<RedriveView> BeginRedriveAsync(string flow, BeginRedriveRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{All(flow)}/redrives", request, (ApiJson.Default.BeginRedriveRequest, ApiJson.Default.RedriveView), cancellationToken);

    /// <summary>Redrives, newest first.</summary>
    public Task<RedriveList> ListRedrivesAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/redrives", ApiJson.Default.RedriveList, cancellationToken);

    /// <summary>A redrive with its progress.</summary>
    public Task<RedriveView> GetRedriveAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/redrives/{Uri.EscapeDataString(id)}", ApiJson.Default.RedriveView, cancellationToken);

    /// <summary>Ends a redrive; what is at work finishes.</summary>
    public Task<RedriveView> CancelRedriveAsync(string id, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"/api/v1/redrives/{Uri.EscapeDataString(id)}/cancel"), ApiJson.Default.RedriveView, cancellationToken);

    /// <summary>Writes dead letters with their payloads as NDJSON; needs scope operate.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="selection">Which.</param>
    /// <param name="state"><c>open</c>, <c>done</c> or <c>all</c>.</param>
    /// <param name="to">Where to.</param>
    /// <param name="cancellationToken">Ends the export.</param>
    public Task ExportAsync(string flow, DeadLetterSelection selection, string state, Stream to, CancellationToken cancellationToken) =>
        _http.CopyAsync($"{All(flow)}/export{Query(selection, ("state", state))}", to, cancellationToken);

    /// <summary>What is parked in a flow: keys, and messages that are tried again later.</summary>
    public Task<ParkedKeyList> ListParkedAsync(string flow, CancellationToken cancellationToken) =>
        GetAsync($"{Parked(flow)}", ApiJson.Default.ParkedKeyList, cancellationToken);

    /// <summary>Releases a parked key: what waits runs in order.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="request">The key, and how.</param>
    /// <param name="cancellationToken">Ends the wait; what is released by then stays released.</param>
    public Task<ReleaseKeyResult> ReleaseAsync(string flow, ReleaseKeyRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{Parked(flow)}/release", request, (ApiJson.Default.ReleaseKeyRequest, ApiJson.Default.ReleaseKeyResult), cancellationToken);

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        _http.SendRepeatableAsync(() => new HttpRequestMessage(HttpMethod.Get, path), type, cancellationToken);

    private static string All(string flow)
    {
        ArgumentException.ThrowIfNullOrEmpty(flow);
        return $"/api/v1/dead/{Uri.EscapeDataString(flow)}";
    }

    private static string One(string flow, int partition, long offset) => string.Create(CultureInfo.InvariantCulture, $"{All(flow)}/{partition}/{offset}");

    private static string Parked(string flow)
    {
        ArgumentException.ThrowIfNullOrEmpty(flow);
        return $"/api/v1/flows/{Uri.EscapeDataString(flow)}/parked";
    }

    private static string Query(DeadLetterSelection selection, params (string Name, string? Value)[] more)
    {
        ArgumentNullException.ThrowIfNull(selection);
        (string Name, string? Value)[] own =
        [
            ("cause", selection.Cause), ("step", selection.Step), ("exception", selection.Exception), ("key", selection.Key), ("id", selection.Id),
            ("tenant", selection.Tenant), ("since", selection.Since?.ToString("O")), ("until", selection.Until?.ToString("O")),
        ];
        var pairs = own.Concat(more).Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}").ToArray();
        return pairs.Length == 0 ? "" : "?" + string.Join('&', pairs);
    }
}
