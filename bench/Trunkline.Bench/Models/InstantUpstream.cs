using System.Net;
using System.Net.Sockets;

namespace Trunkline.Bench.Models;

/// <summary>
/// A model that answers at once, always the same: HTTP/1.1 by hand over loopback, so that what is measured is the caller. Reads a
/// request up to the end of its body by its Content-Length.
/// </summary>
internal sealed class InstantUpstream : IAsyncDisposable
{
    private static readonly byte[] Answer = Whole(
        """{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}}""");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public InstantUpstream()
    {
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The base address, for a model's endpoint.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private static byte[] Whole(string json) =>
        System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                client.NoDelay = true;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The bench is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var buffer = new byte[16 * 1024];
            var filled = 0;
            try
            {
                while (true)
                {
                    var read = await client.GetStream().ReadAsync(buffer.AsMemory(filled), _stop.Token);
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                    if (IsWhole(buffer.AsSpan(0, filled)))
                    {
                        filled = 0;
                        await client.GetStream().WriteAsync(Answer, _stop.Token);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The caller, or the bench, is done.
            }
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> request)
    {
        var head = request.IndexOf("\r\n\r\n"u8);
        var at = request.IndexOf("Content-Length: "u8);
        return head >= 0 && at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(request[(at + 16)..], out int length, out _) && request.Length >= head + 4 + length;
    }
}
