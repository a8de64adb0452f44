using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Trunkline.Server.Tests.Connectors.Mail;

/// <summary>A server that begins like IMAP, with one mail, and then does what a test wants.</summary>
internal sealed class ScriptedImap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, string, Func<string, Task>, Task<bool>> _answer;
    private readonly Task _serving;
    private int _connections;

    /// <param name="answer">Given tag, command, and how to send; false for the usual answer. An <see cref="IOException"/> hangs up.</param>
    public ScriptedImap(Func<string, string, Func<string, Task>, Task<bool>> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                talks.Add(TalkAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var own = client;
        try
        {
            await using var stream = client.GetStream();
            async Task Send(string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text), _stop.Token);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await Send("* OK ready\r\n");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                var parts = line.Split(' ', 2);
                if (parts.Length == 2 && !await _answer(parts[0], parts[1], Send))
                {
                    await Send(Usual(parts[1]) + $"{parts[0]} OK {(parts[1].StartsWith("SELECT", StringComparison.Ordinal) ? "[READ-WRITE] " : "")}done\r\n");
                }
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or SocketException)
        {
            // The other side had enough, or the script wants to hang up.
        }
    }

    private static string Usual(string command) => command.Split(' ')[0] switch
    {
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        "LIST" => "* LIST () \"/\" INBOX\r\n",
        "NAMESPACE" => "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n",
        "SELECT" => "* 1 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n",
        "UID" when command.Contains("SEARCH", StringComparison.Ordinal) => "* SEARCH 1\r\n",
        "UID" when command.Contains("RFC822.SIZE", StringComparison.Ordinal) => "* 1 FETCH (UID 1 RFC822.SIZE 20)\r\n",
        "UID" when command.Contains("BODY.PEEK", StringComparison.Ordinal) => "* 1 FETCH (UID 1 BODY[] {20}\r\nSubject: a\r\n\r\ntext\r\n)\r\n",
        _ => "",
    };
}
