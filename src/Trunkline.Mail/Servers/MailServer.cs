using System.Globalization;

namespace Trunkline.Mail.Servers;

/// <summary>A mail server to connect to, and how. Immutable.</summary>
/// <param name="Host">Name or address; what its certificate must be for.</param>
/// <param name="Port">TCP port, 1 to 65535.</param>
/// <param name="Tls">How the connection is encrypted.</param>
public sealed record MailServer(string Host, int Port, MailTls Tls)
{
    /// <summary>Who logs in; null for nobody.</summary>
    public string? User { get; init; }

    /// <summary>The password of <see cref="User"/>.</summary>
    public string? Password { get; init; }

    /// <summary>PEM file with the certificates trusted in place of the system's; null for the system's.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>Bound on one command and its answer, without the time its bytes need. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Opens the connection: host, port. Throws what sockets throw, or an <see cref="IOException"/> for an address that may not be reached.</summary>
    public required Func<string, int, CancellationToken, ValueTask<Stream>> Connect { get; init; }

    /// <summary>Told the host and when the certificate ends that it showed, of each connection whose certificate is accepted; null for nobody.</summary>
    public Action<string, DateTimeOffset>? CertificateAccepted { get; init; }

    /// <summary>Host and port, for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}

/// <summary>How a connection to a mail server is encrypted. Certificates are always verified.</summary>
public enum MailTls
{
    /// <summary>From the first byte.</summary>
    On,

    /// <summary>By STARTTLS before anything else is said; a server that does not offer it is refused.</summary>
    StartTls,

    /// <summary>Not at all.</summary>
    Off,
}
