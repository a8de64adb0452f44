using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Trunkline.Client.Api;

namespace Trunkline.Client.Http;

/// <summary>
/// Reads server-sent events (WHATWG HTML, 9.2) of a topic. The id of the last event is the cursor to come back with, so that a
/// broken connection costs no message and repeats none; only one that breaks before its first event begins anew where it was asked to.
/// </summary>
internal sealed class TopicFollower(NodeHttp http, string path, ReadFrom from)
{
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    public async IAsyncEnumerable<EventView> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        var connected = false;
        while (true)
        {
            using var response = await ConnectAsync(cursor, connected, cancellationToken).ConfigureAwait(false);
            connected = true;
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var parser = SseParser.Create(stream);
            await using var events = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(events, cancellationToken).ConfigureAwait(false))
            {
                cursor = parser.LastEventId;
                yield return JsonSerializer.Deserialize(events.Current.Data, ApiJson.Default.EventView)
                    ?? throw new TrunklineException("http.not-a-node", 200, "The stream holds an event that is null.", "Check the address.");
            }

            await Task.Delay(ReconnectPause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The first connection fails at once; a later one is tried until it succeeds, the node refuses, or the caller gives up.</summary>
    private async Task<HttpResponseMessage> ConnectAsync(string? cursor, bool patient, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, cursor is null ? $"{path}?{from.Query}" : path);
            if (cursor is not null)
            {
                request.Headers.TryAddWithoutValidation("Last-Event-ID", cursor);
            }

            try
            {
                return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            }
            catch (NodeUnreachableException) when (patient)
            {
                await Task.Delay(ReconnectPause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<SseItem<string>> events, CancellationToken cancellationToken)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            // The connection broke: the caller comes back with the cursor.
            return false;
        }
    }
}
