using System.Security.Cryptography.X509Certificates;
using System.Text;
using Trunkline.Core.Security;
using Trunkline.Mail;
using Trunkline.Mail.Imap;
using Trunkline.Mail.Servers;
using Trunkline.Mail.Smtp;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Mail;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Flows;
using Trunkline.Testing.MailServers;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors.Mail;

/// <summary>The sink over a real Exim, whose mails and notices are read back over a real Dovecot.</summary>
public sealed class SmtpSinkTests(MailServersFixture fixture) : IClassFixture<MailServersFixture>
{
    private const int Long = 120;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_is_sent_in_its_thread_with_a_stable_message_id_and_its_delivery_told()
    {
        var servers = fixture.Servers;
        await using var flows = Flows();
        await flows.Start().ApplyAsync(
            Project(Sending(servers, MailNotices.FailureAndSuccess), Flow("read", Mailbox.Source(servers, "anna"), ToTopic()), Telling(servers, "bob")), 1, Cancel);
        await PublishAsync(flows, """{"id":"q1@example.org","idSource":"message-id","references":["root@example.org"],"from":{"address":"anna@example.com","name":"Änna"},"subject":"Größe?"}""");
        await HoldsAsync(flows, "out", 1);
        var mail = Encoding.UTF8.GetString((await flows.ReadAsync("out"))[0].Message.Payload.Span);
        Assert.Contains("In-Reply-To: <q1@example.org>", mail, StringComparison.Ordinal);
        Assert.Contains("References: <root@example.org> <q1@example.org>", mail.ReplaceLineEndings(""), StringComparison.Ordinal);
        var receipt = await ReceiptAsync(flows);
        Assert.Contains($"Message-Id: <{receipt}@example.com>", mail, StringComparison.OrdinalIgnoreCase);
        await FactAsync(flows, receipt, "delivered");
    }

    [Fact]
    public async Task The_trace_of_a_message_goes_on_in_the_mail_and_in_the_message_it_is_read_as()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var servers = fixture.Servers;
        await using var flows = Flows();
        var read = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        flows.Steps = (config, _) => (input, _) =>
        {
            // As a pipeline does, its outputs carry the trace on.
            var message = input.Stored.Message;
            var trace = message.Headers.Text(HeaderNames.TraceParent);
            if (config.Name == "read")
            {
                read.Enqueue(trace);
            }

            return new(new PipelineResult.Delivered(0, [new SinkOutput(0, new Message
            {
                Id = message.Id, ContentType = message.ContentType, Payload = message.Payload, Headers = trace is null ? Headers.Empty : Headers.Of([new Header(HeaderNames.TraceParent, trace)]),
            })]));
        };
        await flows.Start().ApplyAsync(Project(Sending(servers, MailNotices.Never), Flow("read", Mailbox.Source(servers, "desk"), ToTopic())), 1, Cancel);
        await PublishAsync(flows, """{"from":{"address":"desk@example.com"},"subject":"traced"}""", new Header(HeaderNames.TraceParent, $"00-{Trace}-00f067aa0ba902b7-01"));
        await Eventually.HoldsAsync(() => read.Any(one => one?.Contains(Trace, StringComparison.Ordinal) == true), "the mail is read with its trace", Long);
    }

    [Fact]
    public async Task Ends_of_certificates_of_mail_servers_are_remembered_once_they_are_accepted()
    {
        var servers = fixture.Servers;
        using var certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(servers.Certificate, Cancel));
        var addresses = new OutgoingAddressPolicy();
        var source = Mailbox.Source(servers, "desk").Server;
        await using (await ImapMailbox.OpenAsync(MailServers.Of(source, addresses), "INBOX", false, 1_000_000, Cancel))
        {
            Assert.Equal(certificate.NotAfter, addresses.Peers.Ends[source.Host].LocalDateTime);
        }

        var others = new OutgoingAddressPolicy();
        await Assert.ThrowsAsync<MailServerException>(() => ImapMailbox.OpenAsync(MailServers.Of(source with { TrustedRoots = null }, others), "INBOX", false, 1_000_000, Cancel));
        Assert.Empty(others.Peers.Ends);

        // The sink connects by the same way, with STARTTLS.
        await using var flows = Flows();
        await flows.Start().ApplyAsync(Project(Sending(servers, MailNotices.Never)), 1, Cancel);
        await PublishAsync(flows, """{"from":{"address":"desk@example.com"},"subject":"hi"}""");
        await Eventually.HoldsAsync(() => flows.Addresses.Peers.Ends.ContainsKey("localhost"), "the sink has seen it", Long);
    }

    [Fact]
    public async Task A_bounce_is_told_of_the_message_it_is_about()
    {
        var servers = fixture.Servers;
        await using var flows = Flows();
        await flows.Start().ApplyAsync(Project(Sending(servers, MailNotices.Failure), Telling(servers, "bob")), 1, Cancel);
        await PublishAsync(flows, """{"from":{"address":"gone@example.com"},"subject":"hi"}""");
        await FactAsync(flows, await ReceiptAsync(flows), "bounced");
    }

    [Theory]
    [InlineData("refused@example.com", "hi", "sink.refused")]
    [InlineData("later@example.com", "hi", "sink.unavailable")]
    [InlineData("anna@example.com\\r\\nRCPT TO:<bob@example.com>", "hi", "sink.mail-invalid")]
    [InlineData("not an address", "hi", "sink.mail-invalid")]
    [InlineData("anna@example.com", "hi\\r\\nBcc: bob@example.com", "sink.mail-invalid")]
    public async Task What_is_not_taken_is_a_dead_letter_with_its_cause(string address, string subject, string cause)
    {
        var servers = fixture.Servers;
        await using var flows = Flows();
        await flows.Start().ApplyAsync(Project(Sending(servers, MailNotices.Never)), 1, Cancel);
        await PublishAsync(flows, $$"""{"from":{"address":"{{address}}"},"subject":"{{subject}}"}""");
        await HoldsAsync(flows, "send.dead", 1);
        var letter = (await flows.ReadAsync("send.dead"))[0].Message;
        Assert.Contains(cause, letter.Headers.Select(header => Encoding.UTF8.GetString(header.Value.Span)));
    }

    private static FlowConfig Sending(DebianMailServers servers, MailNotices notify) => Flow("send", FromTopic(group: "flow.send"), new SmtpSinkConfig(
        "smtp-1",
        new MailServerConfig("localhost", servers.SmtpPort, MailTls.StartTls) { TrustedRoots = servers.Certificate, Timeout = TimeSpan.FromSeconds(60) },
        "Desk <bob@example.com>",
        "message.from",
        MailTextConfig.Expression("'Re: ' + message.subject"),
        default)
    {
        Text = MailTextConfig.Expression("'Dear ' + message.from.name + ',\\n.\\nGrüße'"),
        Html = MailTextConfig.Expression("'<p>Grüße</p>'"),
        Notify = notify,
        Timeout = TimeSpan.FromSeconds(60),
    });

    private static FlowConfig Telling(DebianMailServers servers, string user) => Flow(
        "tell", Mailbox.Source(servers, user), new OutcomeSinkConfig("outcome-1", "message.report?.fact", "message.report?.receipt", default) { Label = "message.report?.status" });

    private static SupervisorFixture Flows()
    {
        var flows = new SupervisorFixture();
        var plain = flows.Steps;
        flows.Steps = (config, revision) => config.Name != "tell" ? plain(config, revision) : (input, token) =>
        {
            var parsed = Assert.IsType<MailParseResult.Parsed>(new MailParser().Parse(input.Stored.Message.Payload, token));
            return new(new PipelineResult.Delivered(0, [new SinkOutput(0, new Message { Id = input.Stored.Message.Id, ContentType = "application/json", Payload = parsed.Body })]));
        };
        return flows;
    }

    private static async Task PublishAsync(SupervisorFixture flows, string json, params Header[] headers) => await flows.Broker.AppendAsync(
        new TopicAppend
        {
            Topic = "in",
            Messages = [new Message { Id = new MessageId(Guid.NewGuid().ToString("N")), ContentType = "application/json", Headers = Headers.Of(headers), Payload = Encoding.UTF8.GetBytes(json) }],
        },
        Cancel);

    private static async Task<string> ReceiptAsync(SupervisorFixture flows)
    {
        await HoldsAsync(flows, "trunkline.outbox.send.smtp-1", 1);
        return (await flows.ReadAsync("trunkline.outbox.send.smtp-1"))[0].Message.Id.Value;
    }

    private static async Task FactAsync(SupervisorFixture flows, string receipt, string fact)
    {
        var facts = new LaterFacts(flows.Broker);
        await Eventually.HoldsAsync(
            async () =>
            {
                await facts.CatchUpAsync(Cancel);
                return (await facts.FindAsync("none", [receipt], null, Cancel)).Any(one => one.Fact == fact && one.Receipt == receipt);
            },
            $"'{fact}' is told",
            Long);
    }

    private static Task HoldsAsync(SupervisorFixture flows, string topic, int count) =>
        Eventually.HoldsAsync(async () => (await flows.ReadAsync(topic)).Count >= count, $"{topic} holds {count}", Long);
}
