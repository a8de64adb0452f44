using System.Text;
using Trunkline.Server.Flows;
using Trunkline.Server.Tests.Flows;
using Trunkline.Testing.MailServers;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors.Mail;

/// <summary>The source over a real Dovecot.</summary>
public sealed class ImapSourceTests(MailServersFixture fixture) : IClassFixture<MailServersFixture>
{
    private const int Long = 120;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_mail_comes_once_over_restarts_and_is_marked_after_the_commit()
    {
        var servers = fixture.Servers;
        var texts = Enumerable.Range(0, 400).Select(i => $"mail-{i}").ToArray();
        await Mailbox.PutAsync(servers, "anna", texts);
        await using var flows = new SupervisorFixture();
        var project = Project(Flow("f", Mailbox.Source(servers, "anna"), ToTopic()));
        for (var life = 1; life <= 3; life++)
        {
            var supervisor = flows.Start();
            await supervisor.ApplyAsync(project, 1, Cancel);
            await Holds(flows, 100 * life);
            await supervisor.StopAsync(TimeSpan.Zero);
        }

        var last = flows.Start();
        await last.ApplyAsync(project, 1, Cancel);
        await Holds(flows, 400);

        // The server tells of this one (IDLE).
        await Mailbox.PutAsync(servers, "anna", "late");
        await Holds(flows, 401);
        Assert.Equal([.. texts, "late"], (await TextsAsync(flows)).Order(StringComparer.Ordinal).Order(new ByNumber()));
        await Eventually.HoldsAsync(async () => await Mailbox.FlaggedAsync(servers, "anna") == 401, "all are marked", Long);
    }

    [Fact]
    public async Task A_new_uidvalidity_loses_no_mail_and_repeats_none()
    {
        var servers = fixture.Servers;
        await Mailbox.PutAsync(servers, "bob", "one", "two", "three");
        await using var flows = new SupervisorFixture();
        var supervisor = flows.Start();
        await supervisor.ApplyAsync(Project(Flow("f", Mailbox.Source(servers, "bob") with { Flag = "$Handled" }, ToTopic())), 1, Cancel);
        await Holds(flows, 3);
        await Eventually.HoldsAsync(async () => await Mailbox.FlaggedAsync(servers, "bob", "$Handled") == 3, "all are marked", Long);

        // The index goes: Dovecot gives the same mails new UIDs under a new UIDVALIDITY. A mail came meanwhile.
        await servers.StopDovecotAsync();
        await servers.RunAsync("rm", "-rf", "bob/dovecot-uidlist", "bob/dovecot-uidvalidity", "bob/dovecot.index.log", "bob/dovecot.index", "bob/dovecot.index.cache");
        await servers.StartDovecotAsync();
        await Mailbox.PutAsync(servers, "bob", "four");
        await Holds(flows, 4);
        await Mailbox.PutAsync(servers, "bob", "five");
        await Holds(flows, 5);
        Assert.Equal(["five", "four", "one", "three", "two"], (await TextsAsync(flows)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_mailbox_that_vanishes_and_comes_back_is_told_and_read_on()
    {
        var servers = fixture.Servers;
        await Mailbox.PutAsync(servers, "desk", "before");
        await using var flows = new SupervisorFixture();
        var supervisor = flows.Start();
        await supervisor.ApplyAsync(Project(Flow("f", Mailbox.Source(servers, "desk"), ToTopic())), 1, Cancel);
        await Holds(flows, 1);
        await servers.StopDovecotAsync();
        await Eventually.HoldsAsync(async () => (await supervisor.SnapshotAsync("f", Cancel))!.Reason?.Contains("127.0.0.1", StringComparison.Ordinal) == true, "the reason is told", Long);
        await servers.StartDovecotAsync();
        await Mailbox.PutAsync(servers, "desk", "after");
        await Holds(flows, 2);
        await Eventually.HoldsAsync(async () => (await supervisor.SnapshotAsync("f", Cancel))!.Reason is null, "all is well again", Long);
    }

    [Fact]
    public async Task A_wrong_password_or_folder_or_certificate_is_told_without_secrets()
    {
        var servers = fixture.Servers;
        var good = Mailbox.Source(servers, "support");
        await using var flows = new SupervisorFixture();
        var supervisor = flows.Start();
        await supervisor.ApplyAsync(
            Project(
                Flow("password", good with { Server = good.Server with { Password = new Server.Configuration.Secret("wrong") } }, ToTopic()),
                Flow("folder", good with { Folder = "Nowhere" }, ToTopic()),
                Flow("certificate", good with { Server = good.Server with { TrustedRoots = null } }, ToTopic())),
            1,
            Cancel);
        await TellsAsync(supervisor, "password", "did not accept user and password");
        await TellsAsync(supervisor, "folder", "folder");
        await TellsAsync(supervisor, "certificate", "certificate");
    }

    private static async Task TellsAsync(FlowSupervisor supervisor, string flow, string words)
    {
        string? reason = null;
        await Eventually.HoldsAsync(async () => (reason = (await supervisor.SnapshotAsync(flow, Cancel))!.Reason) is not null, $"{flow} tells", Long);
        Assert.Contains(words, reason, StringComparison.Ordinal);
        Assert.DoesNotContain(DebianMailServers.Password, reason, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", reason, StringComparison.Ordinal);
    }

    private static Task Holds(SupervisorFixture flows, int count) =>
        Eventually.HoldsAsync(async () => (await flows.ReadAsync("out")).Count >= count, $"out holds {count}", Long);

    private static async Task<IEnumerable<string>> TextsAsync(SupervisorFixture flows) =>
        (await flows.ReadAsync("out")).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span).Split("Subject: ")[1].Split('\r')[0]);

    private sealed class ByNumber : IComparer<string>
    {
        public int Compare(string? x, string? y) => Number(x).CompareTo(Number(y));

        private static int Number(string? text) => text!.Split('-') is [_, var number] ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;
    }
}
