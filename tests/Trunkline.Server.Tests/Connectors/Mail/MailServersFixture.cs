using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MimeKit;
using Trunkline.Core.Config;
using Trunkline.Mail.Servers;
using Trunkline.Server.Configuration;
using Trunkline.Testing.MailServers;

namespace Trunkline.Server.Tests.Connectors.Mail;

/// <summary>Debian's mail servers for the tests of one class.</summary>
public sealed class MailServersFixture : IAsyncLifetime
{
    private DebianMailServers? _servers;

    /// <summary>The servers; without them the test is skipped.</summary>
    public DebianMailServers Servers
    {
        get
        {
            if (_servers is null)
            {
                Assert.Skip(DebianMailServers.Missing ?? "they did not start");
            }

            return _servers;
        }
    }

    public async ValueTask InitializeAsync() => _servers = DebianMailServers.Missing is null ? await DebianMailServers.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }
    }
}

/// <summary>What the tests do with a mailbox, as another mail program would.</summary>
internal static class Mailbox
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static ImapSourceConfig Source(DebianMailServers servers, string user) => new(
        new MailServerConfig("127.0.0.1", servers.ImapsPort, MailTls.On)
        {
            User = user,
            Password = new Secret(DebianMailServers.Password),
            TrustedRoots = servers.Certificate,
            Timeout = TimeSpan.FromSeconds(60),
        },
        "INBOX",
        default(SourceLocation))
    { Poll = TimeSpan.FromSeconds(2) };

    public static byte[] Mail(string text) => System.Text.Encoding.UTF8.GetBytes($"From: bob@example.com\r\nTo: anna@example.com\r\nSubject: {text}\r\nMessage-ID: <{text}@example.com>\r\n\r\n{text}\r\n");

    public static async Task PutAsync(DebianMailServers servers, string user, params IEnumerable<string> texts)
    {
        using var client = await OpenAsync(servers, user);
        foreach (var text in texts)
        {
            using var stream = new MemoryStream(Mail(text));
            using var message = await MimeMessage.LoadAsync(stream, Cancel);
            await client.Inbox.AppendAsync(message, MessageFlags.None, Cancel);
        }
    }

    public static async Task<int> FlaggedAsync(DebianMailServers servers, string user, string? keyword = null)
    {
        using var client = await OpenAsync(servers, user);
        await client.Inbox.OpenAsync(FolderAccess.ReadOnly, Cancel);
        var all = await client.Inbox.FetchAsync(0, -1, MessageSummaryItems.Flags, Cancel);
        return all.Count(one => keyword is null ? one.Flags!.Value.HasFlag(MessageFlags.Seen) : one.Keywords!.Contains(keyword));
    }

    private static async Task<ImapClient> OpenAsync(DebianMailServers servers, string user)
    {
        var client = new ImapClient { ServerCertificateValidationCallback = (_, presented, _, _) => presented!.Subject == "CN=localhost", CheckCertificateRevocation = false };
        await client.ConnectAsync("127.0.0.1", servers.ImapsPort, SecureSocketOptions.SslOnConnect, Cancel);
        await client.AuthenticateAsync(user, DebianMailServers.Password, Cancel);
        return client;
    }
}
