using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Trunkline.Bench.Logs;

/// <summary>A redis-server of its own with <c>appendfsync always</c>, on a socket file; XADD, all in flight pipelined in one write (RESP2).</summary>
internal sealed class RedisLog : IDisposable
{
    private const string Server = "/usr/bin/redis-server";
    private readonly Process _process;
    private readonly Socket _socket;

    private RedisLog(Process process, Socket socket)
    {
        _process = process;
        _socket = socket;
    }

    public static bool IsInstalled => File.Exists(Server);

    public static async Task<RedisLog> StartAsync(string folder)
    {
        var path = Path.Combine(folder, "redis.sock");
        var process = Process.Start(new ProcessStartInfo(Server,
            ["--port", "0", "--unixsocket", path, "--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0"])
        { RedirectStandardOutput = true })!;
        for (var tries = 0; ; tries++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
                return new RedisLog(process, socket);
            }
            catch (SocketException) when (tries < 200)
            {
                socket.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
            }
        }
    }

    public Outcome Run(int size, int inFlight, double seconds)
    {
        var payload = new byte[size];
        Random.Shared.NextBytes(payload);
        byte[] one = [.. Encoding.ASCII.GetBytes($"*5\r\n$4\r\nXADD\r\n$5\r\nbench\r\n$1\r\n*\r\n$1\r\nm\r\n${size}\r\n"), .. payload, .. "\r\n"u8];
        var request = Enumerable.Repeat(one, inFlight).SelectMany(b => b).ToArray();
        var answer = new byte[1 << 16];
        var measure = new Measure(seconds);
        while (measure.Runs)
        {
            var since = Stopwatch.GetTimestamp();
            Exchange(request, inFlight, answer);
            measure.Acknowledged(inFlight, since);
        }

        return measure.End();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Each answer is an id as a bulk string: "$n CRLF id CRLF", two line ends.</summary>
    private void Exchange(byte[] request, int inFlight, byte[] answer)
    {
        var sent = Task.Run(() => _socket.Send(request));
        for (var ends = 0; ends < inFlight * 2;)
        {
            var read = _socket.Receive(answer);
            if (read == 0 || answer[0] == (byte)'-')
            {
                throw new IOException("redis-server refused or went away: " + Encoding.ASCII.GetString(answer, 0, Math.Min(read, 200)));
            }

            ends += answer.AsSpan(0, read).Count((byte)'\n');
        }

        sent.Wait();
    }
}
