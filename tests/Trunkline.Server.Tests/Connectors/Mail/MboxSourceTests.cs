using System.Text;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Flows;
using Trunkline.Testing.Processes;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors.Mail;

public sealed class MboxSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_mail_of_the_file_comes_once_over_restarts_also_those_added_later()
    {
        var path = _folder.Write("mails.mbox", string.Concat(Enumerable.Range(0, 1000).Select(Mail)));
        await using var flows = new SupervisorFixture();
        var project = Project(Flow("f", new MboxSourceConfig(path, default), ToTopic()));
        for (var life = 0; life < 4; life++)
        {
            var supervisor = flows.Start();
            await supervisor.ApplyAsync(project, 1, Cancel);
            await HoldsAsync(flows, 200 * (life + 1));
            await supervisor.StopAsync(TimeSpan.Zero);
        }

        await flows.Start().ApplyAsync(project, 1, Cancel);
        await HoldsAsync(flows, 1000);
        await File.AppendAllTextAsync(path, Mail(1000) + Mail(1001), Cancel);
        await HoldsAsync(flows, 1002);
        var mails = (await flows.ReadAsync("out")).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)).ToArray();
        Assert.Equal(1002, mails.Length);
        Assert.Equal(1002, mails.Distinct().Count());
        Assert.Contains("Subject: 7\n\ntext 7\nFrom here on\n", mails);
    }

    [Fact]
    public async Task A_file_that_is_another_now_is_not_gone_on_with_and_the_reason_told()
    {
        var path = _folder.Write("mails.mbox", Mail(1) + Mail(2));
        await using var flows = new SupervisorFixture();
        var project = Project(Flow("f", new MboxSourceConfig(path, default), ToTopic()));
        var supervisor = flows.Start();
        await supervisor.ApplyAsync(project, 1, Cancel);
        await HoldsAsync(flows, 2);
        await supervisor.StopAsync(TimeSpan.FromSeconds(10));
        _folder.Write("mails.mbox", Mail(3) + Mail(4) + Mail(5));
        var again = flows.Start();
        await again.ApplyAsync(project, 1, Cancel);
        await Eventually.HoldsAsync(
            async () => (await again.SnapshotAsync("f", Cancel))!.Reason?.Contains("not the one that was read", StringComparison.Ordinal) == true, "the reason is told", 60);
        Assert.Equal(2, (await flows.ReadAsync("out")).Count);
    }

    private static string Mail(int number) => $"From bob@example.com Mon Jan  1 00:00:00 2026\nSubject: {number}\n\ntext {number}\n>From here on\n\n";

    private static Task HoldsAsync(SupervisorFixture flows, int count) =>
        Eventually.HoldsAsync(async () => (await flows.ReadAsync("out")).Count >= count, $"out holds {count}", 120);
}
