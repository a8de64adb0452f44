using System.Net;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Mail.Servers;
using Trunkline.Mail.Smtp;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>What a flow reads mails from.</summary>
internal static class MailGrammar
{
    public static readonly GrammarKey<string> Host = new("host", Values.Host, "Name of the server; what its certificate must be for.") { Required = true };

    public static readonly GrammarKey<MailTls> Tls = new(
        "tls",
        new ChoiceType<MailTls>(("on", MailTls.On), ("starttls", MailTls.StartTls), ("off", MailTls.Off)),
        "`on` encrypts from the first byte, `starttls` before anything is said; certificates are verified. `off` is for loopback only.")
    { Default = "`on`" };

    public static readonly GrammarKey<string> TrustedRoots = new(
        "ca", Values.FilePath, "PEM file with the certificates to trust in place of the system's.")
    { Default = "the system's" };

    public static readonly GrammarKey<string> User = new("user", Scalars.Text, "Who logs in.");
    public static readonly GrammarKey<string> Password = new("password", Scalars.Secret, "Their password, best as `${file:/path}` or `${VAR}`.");

    public static readonly GrammarKey<TimeSpan> Timeout = new(
        "timeout", Scalars.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)), "Bound on one command and its answer, without the time its bytes need.")
    { Default = "30s" };

    public static readonly GrammarKey<int> ImapPort = new("port", Scalars.WholeNumber(1, 65535), "Its port.") { Default = "993, without `tls: on` 143" };
    public static readonly GrammarKey<string> Folder = new("folder", Scalars.Text, "The folder, as the server names it.") { Default = "`INBOX`" };

    public static readonly GrammarKey<string> Flag = new(
        "flag",
        Scalars.Checked("`seen`, `none` or a keyword", FaultCodes.BadValue, text => text.Length <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '$' or '_' or '-' or '.')
            ? null : "seen, none, or a keyword of letters, digits and $ _ - ."),
        "What marks a mail once what became of it is durable: `seen`, a keyword such as `$Handled`, or `none`.")
    { Default = "`seen`" };

    public static readonly GrammarKey<TimeSpan> Poll = new(
        "poll", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(29)), "How often it looks by itself; with IDLE the server tells of new mails at once.")
    { Default = "1m" };

    public static readonly GrammarKey<long> ImapMaxSize = new(
        "maxSize", Scalars.Size(1024, 64L * 1024 * 1024), "A larger mail is left where it is, and told in the log.")
    { Default = "64MiB" };

    public static readonly ObjectType Imap = new(
        "imap",
        "A folder of an IMAP account; every mail is taken once. It is left where it is, and marked when what became of it is durable.",
        Host,
        ImapPort,
        Tls,
        TrustedRoots,
        User,
        Password,
        Folder,
        Flag,
        Poll,
        ImapMaxSize,
        Timeout);

    public static readonly GrammarKey<IPEndPoint> Listen = new(
        "listen",
        new ScalarType<IPEndPoint>("address and port, such as `127.0.0.1:2525`", FaultCodes.BadValue, (text, _) =>
            text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var end) && (end.Port > 0 || text.EndsWith(":0", StringComparison.Ordinal))
            ? new ScalarReading<IPEndPoint>(end)
            : new ScalarReading<IPEndPoint>(null, "an address and a port, such as 127.0.0.1:2525 or [::1]:2525", "Write an IP address, a colon and a port; port 0 picks a free one.")),
        "Where it listens. Beyond loopback `tls` is needed.")
    { Required = true };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Recipients = new(
        "recipients",
        new ListType<string>(Scalars.Checked("address, or `*@` and a domain", FaultCodes.BadValue, SmtpRecipients.Problem)) { ItemsMin = 1, ItemsMax = 10_000, AllowSingle = true },
        "Who mails may be for: addresses, or `*@example.com` for all of a domain. All others are refused.")
    { Required = true };

    public static readonly GrammarKey<string> HostName = new("hostname", Values.Host, "The name it greets with.") { Default = "`localhost`" };
    public static readonly GrammarKey<string> Certificate = new("certificate", Values.FilePath, "PEM file with the certificate and its chain; read again when it changes.") { Required = true };
    public static readonly GrammarKey<string> Key = new("key", Values.FilePath, "PEM file with its key.") { Default = "in the same file" };
    public static readonly GrammarKey<bool> RequireTls = new("required", Scalars.Boolean, "`true`: mails are taken over TLS only.") { Default = "`false`" };
    public static readonly ObjectType ReceiverTls = new("smtp-tls", "STARTTLS.", Certificate, Key, RequireTls) { Shorthand = Certificate };
    public static readonly GrammarKey<ObjectValues> SmtpTls = new("tls", ReceiverTls, "The certificate of STARTTLS.") { Default = "not offered" };

    public static readonly GrammarKey<long> SmtpMaxSize = new("maxSize", Scalars.Size(1024, 64L * 1024 * 1024), "The largest mail; told to senders as SIZE.") { Default = "25MiB" };
    public static readonly GrammarKey<int> Connections = new("connections", Scalars.WholeNumber(1, 10_000), "Connections at once.") { Default = "100" };
    public static readonly GrammarKey<int> PerClient = new("perClient", Scalars.WholeNumber(1, 10_000), "Connections of one address at once.") { Default = "20" };

    public static readonly GrammarKey<TimeSpan> CommandTimeout = new(
        "timeout", Scalars.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)), "How long a command may take to come; a mail has that and a second for each KiB.")
    { Default = "1m" };

    public static readonly ObjectType Smtp = new(
        "smtp-in",
        "An SMTP server of the flow's own. A mail is acknowledged once what became of it is durable.",
        Listen,
        Recipients,
        HostName,
        SmtpTls,
        SmtpMaxSize,
        Connections,
        PerClient,
        CommandTimeout);

    public static readonly GrammarKey<ObjectValues> FromImap = new("imap", Imap, "A folder of an IMAP account.");
    public static readonly GrammarKey<ObjectValues> FromSmtp = new("smtp", Smtp, "An SMTP server of the flow's own.");
    public static readonly GrammarKey<string> FromMbox = new("mbox", Values.FilePath, "An mbox file; every mail is taken once, also those added later.");
}
