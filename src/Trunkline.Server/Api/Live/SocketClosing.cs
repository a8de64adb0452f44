using System.Net.WebSockets;

namespace Trunkline.Server.Api.Live;

/// <summary>The end of a WebSocket.</summary>
internal static class SocketClosing
{
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(5);

    /// <summary>Says why, where the other side can still hear it, and waits for its answer; otherwise the connection is cut.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="status">The code.</param>
    /// <param name="reason">For people, at most 123 bytes.</param>
    /// <param name="listening">Completes when nothing more comes from the other side.</param>
    public static async Task CloseAsync(WebSocket socket, WebSocketCloseStatus status, string reason, Task listening)
    {
        using var bound = new CancellationTokenSource(CloseMax);
        try
        {
            if (socket.State is WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, bound.Token);
            }
            else if (socket.State is WebSocketState.Open)
            {
                await socket.CloseOutputAsync(status, reason, bound.Token);
            }

            await listening.WaitAsync(bound.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // Nobody is left to hear it, or nobody answers.
            socket.Abort();
        }

        await listening;
    }
}
