using System.Net.Http.Json;
using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>The pact broker of one node, for whoever verifies a provider. Thread-safe.</summary>
public sealed class PactCalls
{
    private readonly NodeHttp _http;

    internal PactCalls(NodeHttp http) => _http = http;

    /// <summary>The pacts a provider has to keep.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="request">Which of them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<PactsToVerify> ToVerifyAsync(string provider, PactsToVerifyRequest request, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(provider);
        var path = $"/pact/pacts/provider/{Uri.EscapeDataString(provider)}/for-verification";
        return _http.PostAsync(path, request, (ApiJson.Default.PactsToVerifyRequest, ApiJson.Default.PactsToVerify), cancellationToken);
    }

    /// <summary>The text of a pact.</summary>
    /// <param name="pact">The pact.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<string> ReadAsync(PactToVerify pact, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pact);

        // The host of the link is as the node sees itself; the token goes to the node that was asked.
        return (await _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, pact.Links.Self.Href.PathAndQuery), ApiJson.Default.JsonElement, cancellationToken).ConfigureAwait(false)).GetRawText();
    }

    /// <summary>Keeps what came of a verification.</summary>
    /// <param name="pact">The pact.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="branch">The branch its version was built on; null if not told.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="cancellationToken">Ends the wait; it may be kept all the same.</param>
    public async Task PublishAsync(PactToVerify pact, string provider, string? branch, PactResultRequest result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pact);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentException.ThrowIfNullOrEmpty(provider);
        if (branch is not null)
        {
            var version = $"/pact/pacticipants/{Uri.EscapeDataString(provider)}/branches/{Uri.EscapeDataString(branch)}/versions/{Uri.EscapeDataString(result.ProviderApplicationVersion)}";
            using var content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
            await _http.SendAsync(new HttpRequestMessage(HttpMethod.Put, version) { Content = content }, ApiJson.Default.JsonElement, cancellationToken).ConfigureAwait(false);
        }

        var request = new HttpRequestMessage(HttpMethod.Post, pact.Links.Self.Href.AbsolutePath + "/verification-results") { Content = JsonContent.Create(result, ApiJson.Default.PactResultRequest) };
        await _http.SendAsync(request, ApiJson.Default.JsonElement, cancellationToken).ConfigureAwait(false);
    }
}
