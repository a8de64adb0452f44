using Trunkline.Mail.Servers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Tests.Flows;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors.Mail;

/// <summary>Servers that hang, lie and talk nonsense cost their flow a reason, and nobody memory or a thread.</summary>
public sealed class HostileImapTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_usual_script_gives_its_mail()
    {
        await using var server = new ScriptedImap((_, _, _) => Task.FromResult(false));
        await using var flows = new SupervisorFixture();
        await StartAsync(flows, server);
        await Eventually.HoldsAsync(async () => (await flows.ReadAsync("out")).Count == 1, "the mail is there", 60);
    }

    [Fact]
    public async Task A_server_that_tells_nothing_by_itself_is_asked_now_and_then()
    {
        // It has no IDLE: the second mail is there only when somebody looks.
        var (asked, mails) = (0, 1);
        await using var server = new ScriptedImap(async (tag, command, send) =>
        {
            if (command.Contains("IDLE", StringComparison.Ordinal))
            {
                await send($"{tag} BAD unknown command\r\n");
                return true;
            }

            if (command.Contains("UID SEARCH", StringComparison.Ordinal))
            {
                mails = Interlocked.Increment(ref asked) > 3 ? 2 : 1;
                await send($"{(mails == 2 ? "* 2 EXISTS\r\n* SEARCH 1 2" : "* SEARCH 1")}\r\n{tag} OK done\r\n");
                return true;
            }

            if (command.Contains("UID FETCH 2", StringComparison.Ordinal))
            {
                var what = command.Contains("RFC822.SIZE", StringComparison.Ordinal) ? "RFC822.SIZE 20" : "BODY[] {20}\r\nSubject: b\r\n\r\ntext\r\n";
                await send($"* 2 FETCH (UID 2 {what})\r\n{tag} OK done\r\n");
                return true;
            }

            return false;
        });
        await using var flows = new SupervisorFixture();
        var supervisor = await StartAsync(flows, server);
        await Eventually.HoldsAsync(async () => (await flows.ReadAsync("out")).Count == 2, "both mails are there", 60);
        Assert.Equal(1, server.Connections);
        Assert.Null((await supervisor.SnapshotAsync("f", Cancel))!.Reason);
    }

    [Theory]
    [InlineData("never answers", "gave no answer")]
    [InlineData("literal of two gigabytes", "more than it may")]
    [InlineData("endless", "more than it may")]
    [InlineData("garbage", "cannot be understood")]
    [InlineData("has the mail and does not give it", "does not give a mail")]
    [InlineData("hangs up", "127.0.0.1")]
    public async Task It_is_told_and_tried_again(string kind, string reason)
    {
        await using var server = new ScriptedImap(async (tag, command, send) =>
        {
            if (!command.Contains("BODY.PEEK", StringComparison.Ordinal))
            {
                return false;
            }

            switch (kind)
            {
                case "never answers":
                    return true;
                case "literal of two gigabytes":
                    await send("* 1 FETCH (UID 1 BODY[] {2000000000}\r\nSubject");
                    return true;
                case "endless":
                    for (var i = 0; i < 4096; i++)
                    {
                        await send(string.Concat(Enumerable.Repeat("* 1 FETCH (UID 1)\r\n", 200)));
                    }

                    return true;
                case "garbage":
                    await send("* 1 FETCH )(NIL {x}\r\n\0\0\r\n");
                    return true;
                case "has the mail and does not give it":
                    await send($"{tag} OK done\r\n");
                    return true;
                default:
                    throw new IOException("hang up");
            }
        });
        await using var flows = new SupervisorFixture();
        var supervisor = await StartAsync(flows, server);
        string? told = null;
        await Eventually.HoldsAsync(async () => (told = (await supervisor.SnapshotAsync("f", Cancel))!.Reason) is not null, "the reason is told", 120);
        Assert.Contains(reason, told, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => server.Connections > 1, "it is tried again", 120);
        Assert.Empty(await flows.ReadAsync("out"));
    }

    private static async Task<FlowSupervisor> StartAsync(SupervisorFixture flows, ScriptedImap server)
    {
        var supervisor = flows.Start();
        var config = new ImapSourceConfig(
            new MailServerConfig("127.0.0.1", server.Port, MailTls.Off) { User = "anna", Password = new Secret("x"), Timeout = TimeSpan.FromSeconds(5) }, "INBOX", default)
        { Poll = TimeSpan.FromSeconds(1), MailBytesMax = 1024 * 1024 };
        await supervisor.ApplyAsync(Project(Flow("f", config, ToTopic())), 1, Cancel);
        return supervisor;
    }
}
