using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>Who reads what, and what a schema would break. Thread-safe.</summary>
public sealed class ContractCalls
{
    private readonly NodeHttp _http;

    internal ContractCalls(NodeHttp http) => _http = http;

    /// <summary>Who reads a topic, or any.</summary>
    /// <param name="topic">The topic; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ReaderList> ReadersAsync(string? topic, CancellationToken cancellationToken)
    {
        var path = topic is null ? "/api/v1/contracts/readers" : $"/api/v1/contracts/readers?topic={Uri.EscapeDataString(topic)}";
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), ApiJson.Default.ReaderList, cancellationToken);
    }

    /// <summary>What a schema would do to those who read messages of a subject; stores nothing.</summary>
    /// <param name="request">The subject and the schema.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ImpactView> ImpactAsync(ImpactRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/contracts/impact", request, (ApiJson.Default.ImpactRequest, ApiJson.Default.ImpactView), cancellationToken);
}
