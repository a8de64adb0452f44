using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MimeKit;
using Trunkline.Bench.Flows;
using Trunkline.Bench.Logs;
using Trunkline.Bench.Results;
using Trunkline.Brokers.Embedded;
using Trunkline.Core.Config;
using Trunkline.Mail.Servers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;
using Trunkline.Testing.MailServers;

namespace Trunkline.Bench.Mail;

/// <summary><c>bench mail</c>: mails into a topic by SMTP and by IMAP, beside what Debian's Exim and Dovecot themselves take.</summary>
internal static class MailBench
{
    private const int SmtpMails = 2_000;
    private const int ImapMails = 4_000;

    public static async Task<Report> RunAsync(BenchOptions options)
    {
        if (DebianMailServers.Missing is { } missing)
        {
            throw new InvalidOperationException(missing);
        }

        var machine = Machine.Describe();
        var (smtpMails, imapMails) = (options.Count(SmtpMails), options.Count(ImapMails));
        var rounds = new List<Round>();
        for (var round = 0; round < options.Rounds; round++)
        {
            rounds.Add(await BenchFolder.UseAsync(options, folder => MeasureAsync(folder, smtpMails, imapMails)));
        }

        return new Report(
            "mail",
            machine,
            TimeProvider.System.GetUtcNow(),
            [
                RowOf("SMTP", "Exim 4", "spooled and synced", rounds.Select(r => r.Exim)),
                RowOf("SMTP", "trunkline", "sync, atomic units", rounds.Select(r => r.Smtp)),
                RowOf("IMAP APPEND", "Dovecot", "maildir, synced", rounds.Select(r => r.Dovecot)),
                RowOf("IMAP", "trunkline", "sync, atomic units", rounds.Select(r => r.Imap)),
            ],
            [
                new Goal("trunkline / Exim by SMTP, median of the rounds", Median(rounds.Select(r => r.Smtp.PerSecond / r.Exim.PerSecond)), 0.5),
                new Goal("trunkline by IMAP / what Dovecot takes, median of the rounds", Median(rounds.Select(r => r.Imap.PerSecond / r.Dovecot.PerSecond)), 0.5),
            ],
            [
                $"Mails of about 4 KB. SMTP: {smtpMails} mails over 8 connections, each acknowledged before the next. Exim has delivery on: a mail is taken once it is in its spool.",
                $"IMAP: {imapMails} mails put into a folder of Dovecot by APPEND over one connection, then read by a flow over TLS until the last is delivered. One process measures; the servers run beside it.",
            ]);
    }

    private static async Task<Round> MeasureAsync(string folder, int smtpMails, int imapMails)
    {
        await using var servers = await DebianMailServers.StartAsync();
        await SmtpLoad.RunAsync(servers.SmtpPort, 100);
        var exim = await FlowHarness.TimeAsync(smtpMails, () => SmtpLoad.RunAsync(servers.SmtpPort, smtpMails));
        var dovecot = await FlowHarness.TimeAsync(imapMails, () => AppendAsync(servers, imapMails));
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
        using var http = new HttpClient();
        await using var flows = FlowHarness.Flows(broker, http, f =>
            new ProjectPipelineFactory(f, "bench", new PipelineServices(new EffectPort(), null!, new Dictionary<string, CustomStep>(), TimeProvider.System)));
        var port = FreePort();
        await flows.ApplyAsync(Project(Flow("smtp", new SmtpSourceConfig(new IPEndPoint(IPAddress.Loopback, port), ["desk@example.com"], default))), 1, CancellationToken.None);
        await FlowHarness.UntilAsync(() => CanConnectAsync(port));
        await SmtpLoad.RunAsync(port, 100);
        var smtp = await FlowHarness.TimeAsync(smtpMails, () => SmtpLoad.RunAsync(port, smtpMails));
        var imap = await FlowHarness.TimeAsync(imapMails, async () =>
        {
            var source = new ImapSourceConfig(
                new MailServerConfig("127.0.0.1", servers.ImapsPort, MailTls.On)
                {
                    User = "support",
                    Password = new Secret(DebianMailServers.Password),
                    TrustedRoots = servers.Certificate,
                },
                "INBOX",
                default);
            await flows.ApplyAsync(Project(Flow("imap", source)), 2, CancellationToken.None);
            await FlowHarness.UntilAsync(async () => (await flows.SnapshotAsync("imap", CancellationToken.None))!.Counts.Delivered >= imapMails);
        });
        return new Round(exim, smtp, dovecot, imap);
    }

    private static async Task AppendAsync(DebianMailServers servers, int count)
    {
        using var client = new ImapClient { ServerCertificateValidationCallback = (_, presented, _, _) => presented!.Subject == "CN=localhost", CheckCertificateRevocation = false };
        await client.ConnectAsync("127.0.0.1", servers.ImapsPort, SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync("support", DebianMailServers.Password);
        for (var i = 0; i < count; i++)
        {
            using var stream = new MemoryStream(SmtpLoad.Mail(i));
            using var mail = await MimeMessage.LoadAsync(stream);
            await client.Inbox.AppendAsync(mail, MessageFlags.None);
        }
    }

    private static async Task<bool> CanConnectAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static ProjectConfig Project(FlowConfig flow) => new()
    {
        Topics = new Dictionary<string, TopicConfig> { ["out"] = new() { Settings = new TopicSettings { Name = "out", Partitions = 4 } } },
        Flows = new Dictionary<string, FlowConfig> { [flow.Name] = flow },
    };

    private static FlowConfig Flow(string name, SourceConfig from) => new()
    {
        Name = name,
        From = from,
        Steps = [new ParseStepConfig("parse", "mail", default)],
        Branches = [new BranchConfig(null, [new TopicSinkConfig("out", "out", "message.conversation", default(SourceLocation))], default)],
    };

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static Row RowOf(string what, string who, string durability, IEnumerable<Outcome> outcomes)
    {
        var sorted = outcomes.OrderBy(o => o.PerSecond).ToArray();
        var middle = sorted[sorted.Length / 2];
        return new Row(what, who, durability, middle.PerSecond, sorted[0].PerSecond, sorted[^1].PerSecond, null, null, middle.Cpu);
    }

    private sealed record Round(Outcome Exim, Outcome Smtp, Outcome Dovecot, Outcome Imap);
}
