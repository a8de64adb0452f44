using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Trunkline.Server.Tests.Connectors.Mail;

/// <summary>Speaks SMTP byte by byte, also what no mail server would say.</summary>
internal sealed class SmtpTalk : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private readonly TcpClient _client = new();
    private StreamReader _reader = null!;

    public Stream Stream { get; private set; } = null!;

    public static async Task<SmtpTalk> StartAsync(int port)
    {
        var talk = new SmtpTalk();
        await talk._client.ConnectAsync(IPAddress.Loopback, port);
        talk.Use(talk._client.GetStream());
        return talk;
    }

    public void Use(Stream stream)
    {
        Stream = stream;
        _reader = new StreamReader(stream, Encoding.ASCII);
    }

    public async Task SendAsync(string text) => await Stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>The next reply, all its lines; null at the end of the connection.</summary>
    public async Task<string?> ReplyAsync()
    {
        var all = new StringBuilder();
        try
        {
            while (await _reader.ReadLineAsync().WaitAsync(Bound) is { } line)
            {
                all.Append(line).Append('\n');
                if (line.Length < 4 || line[3] == ' ')
                {
                    return all.ToString();
                }
            }
        }
        catch (IOException)
        {
            // Reset: as much an end as any.
        }

        return null;
    }

    /// <summary>Says a line and gives the answer.</summary>
    public async Task<string?> SayAsync(string line)
    {
        await SendAsync(line + "\r\n");
        return await ReplyAsync();
    }

    /// <summary>From greeting to DATA's go-ahead.</summary>
    public async Task BeginMailAsync(string recipient = "desk@example.com")
    {
        await HelloAsync();
        Assert.StartsWith("250", await SayAsync("MAIL FROM:<bob@example.org>"));
        Assert.StartsWith("250", await SayAsync($"RCPT TO:<{recipient}>"));
        Assert.StartsWith("354", await SayAsync("DATA"));
    }

    public async Task<string> HelloAsync()
    {
        Assert.StartsWith("220", await ReplyAsync());
        return (await SayAsync("EHLO tests"))!;
    }

    public void Dispose() => _client.Dispose();
}
