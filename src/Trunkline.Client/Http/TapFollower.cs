using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Trunkline.Client.Api;

namespace Trunkline.Client.Http;

/// <summary>Reads a tap. It does not come back by itself: what passed meanwhile is gone, and whoever looks should know.</summary>
internal sealed class TapFollower(NodeHttp http, string path)
{
    public async IAsyncEnumerable<TapEventView> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.EventType == "message")
            {
                yield return JsonSerializer.Deserialize(item.Data, ApiJson.Default.TapEventView)
                    ?? throw new TrunklineException("http.not-a-node", 200, "The stream holds an event that is null.", "Check the address.");
            }
        }
    }
}
