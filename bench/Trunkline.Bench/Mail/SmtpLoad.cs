using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Trunkline.Bench.Mail;

/// <summary>Sends mails over some connections at once, as mail servers do: one after the other, each acknowledged before the next.</summary>
internal static class SmtpLoad
{
    private const int Connections = 8;

    public static Task RunAsync(int port, int count) => Task.WhenAll(
        Enumerable.Range(0, Connections).Select(worker => Task.Run(() => SendAsync(port, Enumerable.Range(0, count).Where(i => i % Connections == worker)))));

    /// <summary>About 4 KB; no two are alike.</summary>
    public static byte[] Mail(int number) => Encoding.ASCII.GetBytes(
        $"From: bob@example.com\r\nTo: desk@example.com\r\nSubject: {number}\r\nMessage-ID: <{number}.{Guid.NewGuid():N}@example.com>\r\n\r\n"
        + string.Concat(Enumerable.Repeat("A line of a mail that says nothing in particular to anybody.\r\n", 64)));

    private static async Task SendAsync(int port, IEnumerable<int> numbers)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await ExpectAsync(reader, "220");
        await SayAsync(stream, "EHLO bench\r\n");
        await ExpectAsync(reader, "250");
        foreach (var number in numbers)
        {
            await SayAsync(stream, "MAIL FROM:<bob@example.com>\r\nRCPT TO:<desk@example.com>\r\nDATA\r\n");
            await ExpectAsync(reader, "250");
            await ExpectAsync(reader, "250");
            await ExpectAsync(reader, "354");
            await stream.WriteAsync((byte[])[.. Mail(number), .. ".\r\n"u8]);
            await ExpectAsync(reader, "250");
        }

        await SayAsync(stream, "QUIT\r\n");
    }

    private static ValueTask SayAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    private static async Task ExpectAsync(StreamReader reader, string status)
    {
        while (true)
        {
            var line = await reader.ReadLineAsync() ?? throw new IOException("the server hung up");
            if (!line.StartsWith(status, StringComparison.Ordinal))
            {
                throw new IOException("the server said: " + line);
            }

            if (line.Length < 4 || line[3] == ' ')
            {
                return;
            }
        }
    }
}
