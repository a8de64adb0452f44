using System.Net.WebSockets;
using System.Text;

namespace Trunkline.Server.Api.Live;

/// <summary>
/// Items as text frames of a WebSocket: <c>{"cursor":…,"message":{"id":…,"data":…}}</c>. A client that does not take a frame in time is cut off, and comes back where it was. Nothing is taken from
/// it here.
/// </summary>
internal static class LiveSocket
{
    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(10);

    public static async Task SendAsync(LiveClient client, IAsyncEnumerable<LivePlace> items)
    {
        using var socket = await client.Context.WebSockets.AcceptWebSocketAsync();
        using var closed = new CancellationTokenSource();
        var listening = ListenAsync(socket, closed);
        var (status, reason) = await TrySendAsync(client, socket, items, closed.Token);
        await SocketClosing.CloseAsync(socket, status, reason, listening);
    }

    private static async Task<(WebSocketCloseStatus Status, string Reason)> TrySendAsync(
        LiveClient client, WebSocket socket, IAsyncEnumerable<LivePlace> items, CancellationToken closed)
    {
        try
        {
            await foreach (var place in items.WithCancellation(closed))
            {
                if (client.EndAt(place.Item) is { } end)
                {
                    return end == LiveEnd.TicketExpired ? (WebSocketCloseStatus.PolicyViolation, "ticket expired") : (WebSocketCloseStatus.EndpointUnavailable, "the sink has changed");
                }

                using var bound = CancellationTokenSource.CreateLinkedTokenSource(closed);
                bound.CancelAfter(SendMax);
                await socket.SendAsync(FrameOf(place), WebSocketMessageType.Text, true, bound.Token);
            }
        }
        catch (OperationCanceledException) when (client.IsStopping)
        {
            return (WebSocketCloseStatus.EndpointUnavailable, "the node stops");
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // It left, sent what is not taken, or is too slow; the socket tells which where it still can.
        }

        return (WebSocketCloseStatus.PolicyViolation, "nothing is taken here, or it was taken too slowly");
    }

    private static byte[] FrameOf(LivePlace place)
    {
        byte[] cursor = [.. "{\"cursor\":\""u8, .. Encoding.ASCII.GetBytes(place.Cursor), (byte)'"'];
        return place.Item switch
        {
            LiveItem.Whole whole => [.. cursor, .. ",\"message\":"u8, .. whole.Json, (byte)'}'],
            LiveItem.Piece piece => [.. cursor, .. ",\"partial\":"u8, .. piece.Json, (byte)'}'],
            LiveItem.Gap => [.. cursor, .. ",\"gap\":true}"u8],
            _ => [.. cursor, (byte)'}'],
        };
    }

    /// <summary>Notices that the client leaves; whatever else it sends ends the connection.</summary>
    private static async Task ListenAsync(WebSocket socket, CancellationTokenSource closed)
    {
        try
        {
            await socket.ReceiveAsync(new byte[128], CancellationToken.None);
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // It is gone without a word.
        }

        await closed.CancelAsync();
    }
}
