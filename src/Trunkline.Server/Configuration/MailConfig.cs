using Trunkline.Core.Config;
using Trunkline.Mail.Servers;
using Trunkline.Mail.Smtp;

namespace Trunkline.Server.Configuration;

/// <summary>A mail server a flow reads from or sends through.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Tls">How the connection is encrypted.</param>
public sealed record MailServerConfig(string Host, int Port, MailTls Tls)
{
    /// <summary>Who logs in; null for nobody.</summary>
    public string? User { get; init; }

    /// <summary>Their password; null for none.</summary>
    public Secret? Password { get; init; }

    /// <summary>PEM file with the certificates trusted in place of the system's, resolved; null for the system's.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>Bound on one command and its answer. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A text of a mail, made of the message.</summary>
/// <param name="Text">An expression, or a template.</param>
/// <param name="IsTemplate">Which of the two.</param>
public sealed record MailTextConfig(string Text, bool IsTemplate)
{
    /// <summary>What an expression gives.</summary>
    public static MailTextConfig Expression(string text) => new(text, false);

    /// <summary>What a Liquid template gives; in HTML it escapes values.</summary>
    public static MailTextConfig Template(string text) => new(text, true);
}

/// <summary><c>to: { smtp: { host, from, to, subject, text, … } }</c>: a mail for each message. What may be an expression is one.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Server">Where.</param>
/// <param name="From">The author: an address, or a name and one in angle brackets.</param>
/// <param name="To">Expression: an address, an object with address and name, or a list of these.</param>
/// <param name="Subject">One line.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public sealed record SmtpSinkConfig(string Name, MailServerConfig Server, string From, string To, MailTextConfig Subject, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    /// <summary>Expression: further recipients; null for none.</summary>
    public string? Cc { get; init; }

    /// <summary>Plain text; null for none.</summary>
    public MailTextConfig? Text { get; init; }

    /// <summary>HTML; null for none.</summary>
    public MailTextConfig? Html { get; init; }

    /// <summary>Expression: the mail that is answered, as <c>parse: mail</c> gives it. Default <c>message</c>.</summary>
    public string Thread { get; init; } = "message";

    /// <summary>Where answers go; null for the author.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Where notices of the delivery go; null for the author.</summary>
    public string? Bounces { get; init; }

    /// <summary>Which notices are asked for. Default failures.</summary>
    public MailNotices Notify { get; init; }

    internal override string Kind => "smtp";

    internal override string Shown => FormattableString.Invariant($"{Server.Host}:{Server.Port}");
}

/// <summary><c>to: { outcome: { fact, receipt, label, value } }</c>: tells what was learned of an earlier message. All are expressions.</summary>
/// <param name="Name">See <see cref="SinkConfig"/>.</param>
/// <param name="Fact">What is told; null tells nothing.</param>
/// <param name="Receipt">Of which message: the receipt of a sink; null tells nothing.</param>
/// <param name="Where">See <see cref="SinkConfig"/>.</param>
public sealed record OutcomeSinkConfig(string Name, string Fact, string Receipt, SourceLocation Where) : OutboxSinkConfig(Name, Where)
{
    /// <summary>A word about it; null for none.</summary>
    public string? Label { get; init; }

    /// <summary>A number about it; null for none.</summary>
    public string? Value { get; init; }

    internal override string Kind => "outcome";

    internal override string Shown => "outcomes";
}

/// <summary><c>from: { imap: { host, user, password, folder, … } }</c>: every mail of a folder, once.</summary>
/// <param name="Server">Where.</param>
/// <param name="Folder">The folder.</param>
/// <param name="Where">Where it is written.</param>
public sealed record ImapSourceConfig(MailServerConfig Server, string Folder, SourceLocation Where) : SourceConfig(Where)
{
    /// <summary>What marks a mail that is through: <c>seen</c>, <c>none</c>, or a keyword of the user's. Default <c>seen</c>.</summary>
    public string Flag { get; init; } = "seen";

    /// <summary>How often it looks where the server does not tell. Default 1 minute.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The largest mail taken, in bytes. Default and at most 64 MiB.</summary>
    public int MailBytesMax { get; init; } = 64 * 1024 * 1024;

    internal override string Shown => FormattableString.Invariant($"imap:{Server.Host}:{Server.Port}/{Folder}");

    internal override string Origin(string flow) => "imap:" + flow;

    internal override bool IsSame(SourceConfig other) => other is ImapSourceConfig imap && (imap with { Where = Where }) == this;
}

/// <summary><c>from: { smtp: { listen, recipients, … } }</c>: mails sent to an SMTP server of the flow's own.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="Recipients">Who mails may be for.</param>
/// <param name="Where">Where it is written.</param>
public sealed record SmtpSourceConfig(System.Net.IPEndPoint Listen, IReadOnlyList<string> Recipients, SourceLocation Where) : SourceConfig(Where)
{
    /// <summary>The name it greets with. Default <c>localhost</c>.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>PEM file with the certificate of STARTTLS, and its chain, resolved; null to offer none.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file with its key, resolved; null if it is in the same file.</summary>
    public string? Key { get; init; }

    /// <summary>Whether mails are taken over TLS only. Default false.</summary>
    public bool RequireTls { get; init; }

    /// <summary>The largest mail, in bytes. Default 25 MiB.</summary>
    public int MailBytesMax { get; init; } = 25 * 1024 * 1024;

    /// <summary>Connections at once. Default 100.</summary>
    public int ConnectionsMax { get; init; } = 100;

    /// <summary>Connections of one address at once. Default 20.</summary>
    public int ConnectionsPerClientMax { get; init; } = 20;

    /// <summary>How long a command may take to come. Default 1 minute.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    internal override string Shown => "smtp:" + Listen;

    internal override string Origin(string flow) => "smtp:" + flow;

    internal override bool IsSame(SourceConfig other) =>
        other is SmtpSourceConfig smtp && smtp.Recipients.SequenceEqual(Recipients) && (smtp with { Where = Where, Recipients = Recipients }) == this;
}

/// <summary><c>from: { mbox: path }</c>: every mail of a file, once, also those added later.</summary>
/// <param name="Path">The file, resolved.</param>
/// <param name="Where">Where it is written.</param>
public sealed record MboxSourceConfig(string Path, SourceLocation Where) : SourceConfig(Where)
{
    internal override string Shown => "mbox:" + Path;

    internal override string Origin(string flow) => "mbox:" + flow;

    internal override bool IsSame(SourceConfig other) => other is MboxSourceConfig mbox && mbox.Path == Path;
}
