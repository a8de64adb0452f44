using System.Net;
using System.Net.Security;

namespace Trunkline.Mail.Smtp;

/// <summary>How an <see cref="SmtpReceiver"/> listens and what it takes. Immutable.</summary>
public sealed record SmtpReceiverOptions
{
    /// <summary>Where it listens; port 0 picks a free one.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The name it greets with.</summary>
    public required string HostName { get; init; }

    /// <summary>Who mails may be for; anybody else is refused.</summary>
    public required SmtpRecipients Recipients { get; init; }

    /// <summary>The certificate of STARTTLS, asked at each handshake; null to offer none.</summary>
    public Func<SslStreamCertificateContext>? Certificate { get; init; }

    /// <summary>Whether mails are taken over TLS only. Default false.</summary>
    public bool RequireTls { get; init; }

    /// <summary>The largest mail, in bytes. Default 25 MiB.</summary>
    public int MailBytesMax { get; init; } = 25 * 1024 * 1024;

    /// <summary>Connections at once. Default 100.</summary>
    public int ConnectionsMax { get; init; } = 100;

    /// <summary>Connections of one address at once. Default 20.</summary>
    public int ConnectionsPerClientMax { get; init; } = 20;

    /// <summary>How long a command may take to come; a mail has that and a second for each KiB. Default 1 minute.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The clock of these bounds.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Recipients of one mail. 100 is what RFC 5321 asks for at least.</summary>
    public const int RecipientsMax = 100;

    /// <summary>Bytes of mails being received over all connections; a mail that finds no room is told to come later. Default 256 MiB.</summary>
    public long BytesInFlightMax { get; init; } = 256L * 1024 * 1024;
}

/// <summary>A mail as it came, with its envelope.</summary>
/// <param name="From">The envelope's sender; empty for a notice nobody answers.</param>
/// <param name="Recipients">The envelope's recipients that were taken, in the order they were named.</param>
/// <param name="Content">Its bytes, without what the protocol added.</param>
/// <param name="Client">The address it came from.</param>
/// <param name="Encrypted">Whether it came over TLS.</param>
public sealed record ReceivedMail(string From, IReadOnlyList<string> Recipients, ReadOnlyMemory<byte> Content, IPAddress Client, bool Encrypted);

/// <summary>What became of a mail that came.</summary>
public enum SmtpVerdict
{
    /// <summary>It is durable: the sender may forget it.</summary>
    Stored,

    /// <summary>Not now; the sender keeps it and comes again.</summary>
    Later,

    /// <summary>The receiver is stopping.</summary>
    Closing,
}

/// <summary>Who takes the mails. Thread-safe.</summary>
public interface IMailTaker
{
    /// <summary>False if a mail that begins now would not be taken.</summary>
    bool IsReady { get; }

    /// <summary>Takes a mail; answers once what became of it is durable.</summary>
    Task<SmtpVerdict> TakeAsync(ReceivedMail mail, CancellationToken cancellationToken);
}
