using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Trunkline.Mail;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Flows;
using Trunkline.Testing.Processes;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors.Mail;

public sealed class SmtpSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_is_acknowledged_once_it_is_stored_with_its_envelope()
    {
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows);
        using var talk = await SmtpTalk.StartAsync(port);
        await talk.BeginMailAsync();
        Assert.StartsWith("250", await talk.SayAsync("Subject: hi\r\n\r\n..stuffed\r\n.. \r\nend\r\n."));
        var stored = Assert.Single(await flows.ReadAsync("out"));
        Assert.Equal("Subject: hi\r\n\r\n.stuffed\r\n. \r\nend\r\n", Encoding.UTF8.GetString(stored.Message.Payload.Span));
        Assert.StartsWith("221", await talk.SayAsync("QUIT"));
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01; DROP", false)]
    public async Task A_mail_goes_on_with_the_trace_it_names_if_it_is_one(string parent, bool isOne)
    {
        await using var flows = new SupervisorFixture();
        var plain = flows.Steps;
        string? taken = null;
        flows.Steps = (config, revision) => (input, token) =>
        {
            taken = input.Stored.Message.Headers.Text(HeaderNames.TraceParent);
            return plain(config, revision)(input, token);
        };
        var port = await StartAsync(flows);
        using var talk = await SmtpTalk.StartAsync(port);
        await talk.BeginMailAsync();
        Assert.StartsWith("250", await talk.SayAsync($"Subject: hi\r\ntraceparent: {parent}\r\n\r\ntext\r\n."));
        Assert.Equal(isOne ? parent : null, taken);
    }

    [Fact]
    public async Task The_same_mail_sent_again_is_taken_and_stored_once()
    {
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows);
        for (var i = 0; i < 3; i++)
        {
            using var talk = await SmtpTalk.StartAsync(port);
            await talk.BeginMailAsync();
            Assert.StartsWith("250", await talk.SayAsync("Subject: again\r\n\r\nthe same\r\n."));
        }

        Assert.Single(await flows.ReadAsync("out"));
    }

    [Fact]
    public async Task Commands_may_come_all_at_once()
    {
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows);
        using var talk = await SmtpTalk.StartAsync(port);
        Assert.Contains("PIPELINING", await talk.HelloAsync(), StringComparison.Ordinal);
        var all = new StringBuilder();
        for (var i = 0; i < 20; i++)
        {
            all.Append("MAIL FROM:<bob@example.org> SIZE=40\r\nRCPT TO:<desk@example.com>\r\nRCPT TO:<any@in.example.com>\r\nDATA\r\n")
                .Append(System.Globalization.CultureInfo.InvariantCulture, $"Subject: {i}\r\n\r\ntext\r\n.\r\n");
        }

        await talk.SendAsync(all + "QUIT\r\n");
        foreach (var expected in Enumerable.Repeat(new[] { "250", "250", "250", "354", "250" }, 20).SelectMany(one => one).Append("221"))
        {
            Assert.StartsWith(expected, await talk.ReplyAsync());
        }

        Assert.Equal(20, (await flows.ReadAsync("out")).Count);
    }

    [Theory]
    [InlineData("Subject: a\r\n\r\ntext\n.\nMAIL FROM:<evil@example.org>\r\n.")]
    [InlineData("Subject: a\r\n\r\ntext\n.\r\nMAIL FROM:<evil@example.org>\r\n.")]
    [InlineData("Subject: a\r\n\r\ntext\r.\rMAIL FROM:<evil@example.org>\r\n.")]
    [InlineData("Subject: a\r\n\r\ntext\r\n.\rx\r\n.")]
    [InlineData("Subject: a\n\ntext\r\n.")]
    public async Task A_mail_smuggled_by_other_line_ends_is_refused_and_the_session_ends(string data)
    {
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows);
        using var talk = await SmtpTalk.StartAsync(port);
        await talk.BeginMailAsync();
        await talk.SendAsync(data + "\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<desk@example.com>\r\nDATA\r\nx\r\n.\r\n");
        Assert.StartsWith("554", await talk.ReplyAsync());
        Assert.StartsWith("421", await talk.ReplyAsync());
        Assert.Null(await talk.ReplyAsync());
        Assert.Empty(await flows.ReadAsync("out"));
    }

    [Fact]
    public async Task What_can_never_be_taken_is_refused_for_good()
    {
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows, config => config with { MailBytesMax = 200_000 });
        using var talk = await SmtpTalk.StartAsync(port);
        Assert.Contains("SIZE 200000", await talk.HelloAsync(), StringComparison.Ordinal);
        Assert.StartsWith("552", await talk.SayAsync("MAIL FROM:<bob@example.org> SIZE=200001"));
        Assert.StartsWith("503", await talk.SayAsync("RCPT TO:<desk@example.com>"));
        Assert.StartsWith("250", await talk.SayAsync("MAIL FROM:<>"));
        Assert.StartsWith("550", await talk.SayAsync("RCPT TO:<desk@elsewhere.example>"));
        Assert.StartsWith("501", await talk.SayAsync("RCPT TO:<@relay.example:desk@example.com>"));
        Assert.StartsWith("250", await talk.SayAsync("RCPT TO:<Desk@EXAMPLE.com>"));
        Assert.StartsWith("354", await talk.SayAsync("DATA"));
        Assert.StartsWith("552", await talk.SayAsync("Subject: large\r\n\r\n" + new string('x', 300_000) + "\r\n."));
        Assert.StartsWith("250", await talk.SayAsync("MAIL FROM:<bob@example.org>"));
        Assert.StartsWith("250", await talk.SayAsync("RCPT TO:<desk@example.com>"));
        Assert.StartsWith("354", await talk.SayAsync("DATA"));
        Assert.StartsWith("554", await talk.SayAsync(string.Concat(Enumerable.Repeat("Received: from a by b\r\n", 101)) + "\r\nloop\r\n."));
        Assert.Empty(await flows.ReadAsync("out"));
    }

    [Fact]
    public async Task A_flood_of_headers_is_refused()
    {
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows);
        using var many = await SmtpTalk.StartAsync(port);
        await many.BeginMailAsync();
        Assert.StartsWith("554", await many.SayAsync(string.Concat(Enumerable.Repeat("X-A: b\r\n", 6000)) + "\r\ntext\r\n."));
        using var large = await SmtpTalk.StartAsync(port);
        await large.BeginMailAsync();
        Assert.StartsWith("554", await large.SayAsync("X-A: " + string.Concat(Enumerable.Repeat(new string('b', 70) + "\r\n ", 30_000)) + "\r\n\r\ntext\r\n."));
    }

    [Fact]
    public async Task One_byte_at_a_time_ends_with_the_time_out_and_others_are_served_meanwhile()
    {
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows, config => config with { Timeout = TimeSpan.FromSeconds(2) });
        using var slow = await SmtpTalk.StartAsync(port);
        await slow.BeginMailAsync();
        var since = Stopwatch.GetTimestamp();
        var dripping = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await slow.SendAsync("x");
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
                }
            }
            catch (IOException)
            {
                // The server hung up.
            }
        }, Cancel);
        using var other = await SmtpTalk.StartAsync(port);
        await other.BeginMailAsync();
        Assert.StartsWith("250", await other.SayAsync("Subject: quick\r\n\r\n."));
        Assert.StartsWith("421", await slow.ReplyAsync());
        await dripping.WaitAsync(TimeSpan.FromSeconds(120), Cancel);
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(100));
        Assert.Single(await flows.ReadAsync("out"));
    }

    [Fact]
    public async Task More_connections_than_may_be_are_told_to_come_again()
    {
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows, config => config with { ConnectionsPerClientMax = 2 });
        using var first = await SmtpTalk.StartAsync(port);
        using var second = await SmtpTalk.StartAsync(port);
        await first.HelloAsync();
        await second.HelloAsync();
        using var third = await SmtpTalk.StartAsync(port);
        Assert.StartsWith("421", await third.ReplyAsync());
        Assert.StartsWith("221", await first.SayAsync("QUIT"));
        Assert.Null(await first.ReplyAsync());
        await Eventually.HoldsAsync(
            async () =>
            {
                using var again = await SmtpTalk.StartAsync(port);
                return (await again.ReplyAsync())?.StartsWith("220", StringComparison.Ordinal) == true;
            },
            "there is room again",
            60);
    }

    [Fact]
    public async Task Starttls_encrypts_and_forgets_what_was_said_in_the_clear()
    {
        using var folder = new TemporaryFolder();
        var (certificate, key) = Certificate(folder);
        await using var flows = new SupervisorFixture();
        var port = await StartAsync(flows, config => config with { Certificate = certificate, Key = key, RequireTls = true });
        using var talk = await SmtpTalk.StartAsync(port);
        Assert.Contains("STARTTLS", await talk.HelloAsync(), StringComparison.Ordinal);
        Assert.StartsWith("530", await talk.SayAsync("MAIL FROM:<bob@example.org>"));

        // Commands after STARTTLS in the same packet would be taken for encrypted ones.
        await talk.SendAsync("STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n");
        Assert.StartsWith("503", await talk.ReplyAsync());
        Assert.StartsWith("530", await talk.ReplyAsync());
        Assert.StartsWith("220", await talk.SayAsync("STARTTLS"));
        var tls = new SslStream(talk.Stream, true, (_, presented, _, _) => presented!.Subject == "CN=mx.example.com");
        await tls.AuthenticateAsClientAsync("mx.example.com");
        talk.Use(tls);
        Assert.StartsWith("503", await talk.SayAsync("MAIL FROM:<bob@example.org>"));
        var offers = await talk.SayAsync("EHLO tests");
        Assert.DoesNotContain("STARTTLS", offers, StringComparison.Ordinal);
        Assert.StartsWith("250", await talk.SayAsync("MAIL FROM:<bob@example.org>"));
        Assert.StartsWith("250", await talk.SayAsync("RCPT TO:<desk@example.com>"));
        Assert.StartsWith("354", await talk.SayAsync("DATA"));
        Assert.StartsWith("250", await talk.SayAsync("Subject: safe\r\n\r\n."));
        Assert.Single(await flows.ReadAsync("out"));
    }

    [Fact]
    public async Task A_full_store_acknowledges_nothing_tells_others_that_there_is_no_room_and_takes_on_where_it_was()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var faults = default(BrokerWithFaults);
        await using var flows = new SupervisorFixture { Time = time, Through = broker => faults = new BrokerWithFaults(broker) };
        var port = await StartAsync(flows);
        faults!.Before = _ => throw new BrokerException(BrokerErrorCode.DiskFull, "no space left on device");
        using var first = await SmtpTalk.StartAsync(port);
        await first.BeginMailAsync();
        await first.SendAsync("Subject: waits\r\n\r\ntext\r\n.\r\n");
        var answer = first.ReplyAsync();

        // Others are told as soon as it is known that the first one waits long.
        string? told = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(2));
                using var second = await SmtpTalk.StartAsync(port);
                await second.HelloAsync();
                told = await second.SayAsync("MAIL FROM:<bob@example.org>");
                return told?.StartsWith("250", StringComparison.Ordinal) == false;
            },
            "others are told");
        Assert.StartsWith("452 4.3.1", told);
        Assert.False(answer.IsCompleted);
        Assert.Empty(await flows.ReadAsync("out"));

        faults.Before = _ => Task.CompletedTask;
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return answer.IsCompleted;
            },
            "there is room again");
        Assert.StartsWith("250", await answer);
        Assert.Single(await flows.ReadAsync("out"));
    }

    [Fact]
    public async Task A_mail_nested_a_thousand_deep_is_stored_and_what_reads_it_is_not_harmed()
    {
        await using var flows = new SupervisorFixture();
        var plain = flows.Steps;
        flows.Steps = (config, revision) => (input, token) => new MailParser().Parse(input.Stored.Message.Payload, token) is MailParseResult.Refused refused
            ? new(new PipelineResult.Failed(new StepFault(refused.Fault.Code, "parse-1", refused.Fault.Detail, FaultClass.Terminal)))
            : plain(config, revision)(input, token);
        var port = await StartAsync(flows);
        var mail = new StringBuilder("From: bob@example.org\r\nSubject: deep\r\nMIME-Version: 1.0\r\n");
        for (var i = 0; i < 1_000; i++)
        {
            mail.Append(System.Globalization.CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=\"b{i}\"\r\n\r\n--b{i}\r\n");
        }

        mail.Append("Content-Type: text/plain\r\n\r\ndeep\r\n");
        using var talk = await SmtpTalk.StartAsync(port);
        await talk.BeginMailAsync();
        Assert.StartsWith("250", await talk.SayAsync(mail + "."));
        Assert.StartsWith("250", await talk.SayAsync("MAIL FROM:<bob@example.org>"));
        Assert.StartsWith("250", await talk.SayAsync("RCPT TO:<desk@example.com>"));
        Assert.StartsWith("354", await talk.SayAsync("DATA"));
        Assert.StartsWith("250", await talk.SayAsync("Subject: shallow\r\n\r\ntext\r\n."));

        // Whatever the parser makes of it, the mail is kept as it came, once, and the next is read as ever.
        var (read, dead) = (await flows.ReadAsync("out"), await flows.ReadAsync("f.dead"));
        Assert.Equal(2, read.Count + dead.Count);
        Assert.Contains(read, one => Encoding.UTF8.GetString(one.Message.Payload.Span).Contains("shallow", StringComparison.Ordinal));
        Assert.Single(read.Concat(dead), one => Encoding.UTF8.GetString(one.Message.Payload.Span) == mail.ToString());
    }

    private static (string Certificate, string Key) Certificate(TemporaryFolder folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example.com", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return (folder.Write("mx.pem", certificate.ExportCertificatePem()), folder.Write("mx.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private static async Task<int> StartAsync(SupervisorFixture flows, Func<SmtpSourceConfig, SmtpSourceConfig>? change = null)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var source = new SmtpSourceConfig(new IPEndPoint(IPAddress.Loopback, port), ["desk@example.com", "*@in.example.com"], default) { HostName = "mx.example.com", Timeout = TimeSpan.FromSeconds(60) };
        var supervisor = flows.Start();
        await supervisor.ApplyAsync(Project(Flow("f", change?.Invoke(source) ?? source, ToTopic())), 1, Cancel);
        await Eventually.HoldsAsync(
            async () =>
            {
                using var probe = new System.Net.Sockets.TcpClient();
                try
                {
                    await probe.ConnectAsync(IPAddress.Loopback, port);
                    return true;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return false;
                }
            },
            "it listens",
            60);
        return port;
    }
}
