using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MimeKit;
using Trunkline.EndToEnd.Tests.Clients;
using Trunkline.Testing.MailServers;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests.Mail;

/// <summary>The page that reads a stranger's mailbox works as told, and a node killed in between neither loses nor repeats a mail.</summary>
public sealed class MailboxPageTests : IDisposable
{
    private const string Page = "read-a-mailbox.md";
    private const int Mails = 300;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_mailbox_goes_through_a_flow_in_five_commands()
    {
        Assert.SkipWhen(DebianMailServers.Missing is not null, DebianMailServers.Missing ?? "");
        await using var servers = await DebianMailServers.StartAsync();
        await FillAsync(servers, 0, 3);
        var commands = HowToPage.Block(Page, "trunkline init").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, commands.Length);
        var settings = Settings(servers);
        await ShellAsync(commands[0], _folder.Path, settings);
        var project = _folder.In("mailbox");
        await File.WriteAllTextAsync(Path.Combine(project, "trunkline.yaml"), HowToPage.Program(Page, "trunkline.yaml"), Cancel);
        await ShellAsync(commands[1], project, settings);
        Assert.Equal("trunkline run", commands[2]);
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = project, Environment = settings }, Cancel);
        settings["TRUNKLINE_NODE"] = node.Url.ToString();
        var shown = "";
        await Waiting.UntilAsync(async () => (shown = await ShellAsync(commands[4], project, settings)).Contains("0@example.com", StringComparison.Ordinal), () => shown, Cancel);
        Assert.Contains("intake", await ShellAsync(commands[3], project, settings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_killed_while_it_reads_neither_loses_nor_repeats_a_mail()
    {
        Assert.SkipWhen(DebianMailServers.Missing is not null, DebianMailServers.Missing ?? "");
        await using var servers = await DebianMailServers.StartAsync();
        await FillAsync(servers, 0, Mails);
        _folder.Write("trunkline.yaml", HowToPage.Program(Page, "trunkline.yaml"));
        var setting = new CommandSetting { Folder = _folder.Path, Environment = Settings(servers) };
        for (var kill = 1; kill <= 4; kill++)
        {
            await using var killed = await NodeProcess.StartAsync(setting, Cancel);
            await Waiting.UntilAsync(async () => (await SubjectsAsync(killed.Url)).Count >= Math.Min(Mails, 50 * kill), () => "too few mails", Cancel);
            await killed.KillAsync(Cancel);
        }

        await using var node = await NodeProcess.StartAsync(setting, Cancel);
        await FillAsync(servers, Mails, 5);
        var subjects = new List<string>();
        await Waiting.UntilAsync(async () => (subjects = await SubjectsAsync(node.Url)).Count >= Mails + 5, () => $"{subjects.Count} of {Mails + 5} mails", Cancel);
        Assert.Equal(Mails + 5, subjects.Count);
        Assert.Equal(Mails + 5, subjects.Distinct().Count());
        await Waiting.UntilAsync(async () => await SeenAsync(servers) == Mails + 5, () => "mails that are through are not marked", Cancel);
    }

    private static Dictionary<string, string> Settings(DebianMailServers servers) => new()
    {
        ["IMAP_HOST"] = "127.0.0.1",
        ["IMAP_PORT"] = servers.ImapsPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["IMAP_CA"] = servers.Certificate,
        ["IMAP_USER"] = "anna",
        ["IMAP_PASSWORD"] = DebianMailServers.Password,
    };

    private static async Task<string> ShellAsync(string command, string folder, Dictionary<string, string> settings)
    {
        var start = new System.Diagnostics.ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["PATH"] = AppContext.BaseDirectory + ":" + Environment.GetEnvironmentVariable("PATH");
        using var shell = System.Diagnostics.Process.Start(start)!;
        var output = shell.StandardOutput.ReadToEndAsync(Cancel);
        var errors = shell.StandardError.ReadToEndAsync(Cancel);
        await shell.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel);
        Assert.True(shell.ExitCode == 0, $"{command}: {await errors}");
        return await output;
    }

    private static async Task<List<string>> SubjectsAsync(Uri node)
    {
        using var http = new HttpClient { BaseAddress = node };
        var subjects = new List<string>();
        using var topic = System.Text.Json.JsonDocument.Parse(await http.GetByteArrayAsync("/api/v1/topics/mails.received", Cancel));
        for (var partition = 0; partition < topic.RootElement.GetProperty("partitions").GetArrayLength(); partition++)
        {
            for (long? next = 0; next is not null;)
            {
                using var page = System.Text.Json.JsonDocument.Parse(
                    await http.GetByteArrayAsync($"/api/v1/topics/mails.received/messages?partition={partition}&offset={next}&limit=500", Cancel));
                next = null;
                foreach (var message in page.RootElement.GetProperty("messages").EnumerateArray())
                {
                    subjects.Add((message.TryGetProperty("event", out var cloudEvent) ? cloudEvent : message).GetProperty("data").GetProperty("subject").GetString()!);
                    next = message.GetProperty("offset").GetInt64() + 1;
                }
            }
        }

        return subjects;
    }

    private static async Task FillAsync(DebianMailServers servers, int from, int count)
    {
        using var client = await OpenAsync(servers);
        for (var i = from; i < from + count; i++)
        {
            var bytes = Encoding.UTF8.GetBytes($"From: bob@example.com\r\nTo: anna@example.com\r\nSubject: terrible-{i}\r\nMessage-ID: <{i}@example.com>\r\n\r\nThis is terrible, awful and bad. {i}\r\n");
            using var stream = new MemoryStream(bytes);
            using var mail = await MimeMessage.LoadAsync(stream, Cancel);
            await client.Inbox.AppendAsync(mail, MessageFlags.None, Cancel);
        }
    }

    private static async Task<int> SeenAsync(DebianMailServers servers)
    {
        using var client = await OpenAsync(servers);
        await client.Inbox.OpenAsync(FolderAccess.ReadOnly, Cancel);
        return (await client.Inbox.FetchAsync(0, -1, MessageSummaryItems.Flags, Cancel)).Count(one => one.Flags!.Value.HasFlag(MessageFlags.Seen));
    }

    private static async Task<ImapClient> OpenAsync(DebianMailServers servers)
    {
        var client = new ImapClient { ServerCertificateValidationCallback = (_, presented, _, _) => presented!.Subject == "CN=localhost", CheckCertificateRevocation = false };
        await client.ConnectAsync("127.0.0.1", servers.ImapsPort, SecureSocketOptions.SslOnConnect, Cancel);
        await client.AuthenticateAsync("anna", DebianMailServers.Password, Cancel);
        return client;
    }
}
