using MailKit;
using MailKit.Net.Smtp;
using MimeKit;
using Trunkline.Mail.Servers;

namespace Trunkline.Mail.Smtp;

/// <summary>
/// Sends mails through a server, over one connection that is kept for a while. Delivery notices (RFC 3461) are asked for where the server
/// offers them, with the receipt as the envelope's id. Not thread-safe.
/// </summary>
/// <param name="server">Where.</param>
/// <param name="notify">When a notice is wanted.</param>
/// <param name="bounces">Where notices go; null for the author.</param>
public sealed class SmtpSender(MailServer server, MailNotices notify, string? bounces) : IDisposable
{
    /// <summary>How long a connection is kept for the next mail.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(15);

    // The least a network must carry: a large mail has longer.
    private const int BytesPerSecondMin = 16 * 1024;

    private Client? _client;
    private MeteredStream? _stream;
    private long _usedAt;

    /// <summary>Sends a mail. It returns once the server has taken it for all recipients.</summary>
    /// <exception cref="MailServerException">The server did not take it.</exception>
    /// <exception cref="FormatException">A value of the mail is not what it must be.</exception>
    public async Task SendAsync(OutgoingMail mail, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mail);
        ArgumentNullException.ThrowIfNull(time);
        using var message = mail.Build();
        var from = bounces is null ? (MailboxAddress)message.From[0] : MailboxAddress.Parse(bounces);
        var recipients = message.To.Mailboxes.Concat(message.Cc.Mailboxes).DistinctBy(one => one.Address, StringComparer.OrdinalIgnoreCase).ToList();
        if (_client is not null && time.GetElapsedTime(_usedAt) > KeptFor)
        {
            Drop();
        }

        try
        {
            var client = _client ??= await OpenAsync(cancellationToken).ConfigureAwait(false);
            _stream!.Allow(0);
            (client.Receipt, client.Notices) = (mail.Receipt, notify);
            await ServerCalls.RunAsync(
                server,
                server.Timeout + TimeSpan.FromSeconds(((mail.Text?.Length ?? 0) + (mail.Html?.Length ?? 0)) * 3 / BytesPerSecondMin),
                token => client.SendAsync(FormatOptions.Default, message, from, recipients, token),
                cancellationToken).ConfigureAwait(false);
            _usedAt = time.GetTimestamp();
        }
        catch
        {
            // What the connection is at after a failure is not worth knowing.
            Drop();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Drop();

    private async Task<Client> OpenAsync(CancellationToken cancellationToken)
    {
        var client = new Client();
        try
        {
            _stream = await ServerCalls.OpenAsync(client, server, cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private void Drop()
    {
        _client?.Dispose();
        _client = null;
    }

    private sealed class Client : SmtpClient
    {
        public string Receipt { get; set; } = "";

        public MailNotices Notices { get; set; }

        protected override string GetEnvelopeId(MimeMessage message) => Receipt;

        protected override DeliveryStatusNotification? GetDeliveryStatusNotifications(MimeMessage message, MailboxAddress mailbox) => Notices switch
        {
            MailNotices.Never => DeliveryStatusNotification.Never,
            MailNotices.FailureAndSuccess => DeliveryStatusNotification.Failure | DeliveryStatusNotification.Success,
            _ => DeliveryStatusNotification.Failure,
        };
    }
}

/// <summary>When a sender wants to hear of a mail again.</summary>
public enum MailNotices
{
    /// <summary>When it could not be delivered.</summary>
    Failure,

    /// <summary>Also when it was.</summary>
    FailureAndSuccess,

    /// <summary>Not at all.</summary>
    Never,
}
