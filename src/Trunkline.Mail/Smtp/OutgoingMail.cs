using System.Globalization;
using System.Net.Mime;
using System.Text;
using MimeKit;
using MimeKit.Utils;

namespace Trunkline.Mail.Smtp;

/// <summary>A mail to send, as plain values. Nothing in them can add a header or a recipient: what is no address, or has a line end, is refused.</summary>
public sealed record OutgoingMail
{
    /// <summary>Receipts, the local part of the Message-ID and the envelope's id are made of it; the same for every try.</summary>
    public required string Receipt { get; init; }

    /// <summary>Author: an address, or a name and an address in angle brackets.</summary>
    public required string From { get; init; }

    /// <summary>Recipients, 1 to 100, over <see cref="To"/> and <see cref="Cc"/>.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>Further recipients.</summary>
    public IReadOnlyList<string> Cc { get; init; } = [];

    /// <summary>Where answers go; null for the author.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>One line.</summary>
    public required string Subject { get; init; }

    /// <summary>Plain text; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>HTML; null for none.</summary>
    public string? Html { get; init; }

    /// <summary>Message-ID of the mail that is answered, without angle brackets; null for the first of a thread.</summary>
    public string? InReplyTo { get; init; }

    /// <summary>Message-IDs of the thread, oldest first.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>When it was written.</summary>
    public DateTimeOffset Date { get; init; }

    /// <summary>W3C trace context, sent as header <c>traceparent</c>; null for none.</summary>
    public string? TraceParent { get; init; }

    private const int RecipientsMax = 100;
    private const int SubjectLengthMax = 998;

    // Mail programs keep the first and the latest of long threads; header lines have bounds.
    private const int ReferencesMax = 20;

    /// <summary>A name and an address as one text.</summary>
    /// <exception cref="FormatException">The name has a line end.</exception>
    public static string Address(string name, string address)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Any(char.IsControl) ? throw new FormatException("a name is one line") : new MailboxAddress(name, address).ToString();
    }

    /// <summary>True for an address, also with a name before it.</summary>
    public static bool IsAddress(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            _ = Mailbox(text, "");
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Puts it together.</summary>
    /// <exception cref="FormatException">A value is not what it must be; the text names which, never the value.</exception>
    internal MimeMessage Build()
    {
        var from = Mailbox(From, "from");
        var mail = new MimeMessage();
        mail.From.Add(from);
        mail.To.AddRange(To.Select(one => Mailbox(one, "to")));
        mail.Cc.AddRange(Cc.Select(one => Mailbox(one, "cc")));
        if (To.Count == 0 || To.Count + Cc.Count > RecipientsMax)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"a mail has 1 to {RecipientsMax} recipients"));
        }

        if (ReplyTo is not null)
        {
            mail.ReplyTo.Add(Mailbox(ReplyTo, "replyTo"));
        }

        mail.Subject = Subject.Length <= SubjectLengthMax && !Subject.Any(char.IsControl)
            ? Subject
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"subject is one line of at most {SubjectLengthMax} characters"));
        mail.Date = Date;
        mail.MessageId = MessageIdOf(from);
        if (InReplyTo is { } answered)
        {
            mail.InReplyTo = Id(answered, "inReplyTo");
        }

        var references = References.Select(one => Id(one, "references")).ToList();
        mail.References.AddRange(references.Count <= ReferencesMax ? references : [references[0], .. references.TakeLast(ReferencesMax - 1)]);
        if (TraceParent is { } trace)
        {
            mail.Headers.Add("traceparent", trace.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? trace : throw new FormatException("traceparent is no trace context"));
        }

        mail.Body = Body();
        return mail;
    }

    private string MessageIdOf(MailboxAddress from) => $"{Receipt}@{from.Domain}";

    private MimeEntity Body()
    {
        var text = Text is null && Html is not null ? null : TextPart(MediaTypeNames.Text.Plain, Text ?? "");
        var html = Html is null ? null : TextPart(MediaTypeNames.Text.Html, Html);
        return text is not null && html is not null ? new MultipartAlternative(text, html) { Boundary = "=_" + Receipt } : html ?? text!;
    }

    private static TextPart TextPart(string type, string text)
    {
        var part = new TextPart(type["text/".Length..]) { ContentTransferEncoding = ContentEncoding.QuotedPrintable };
        part.SetText(Encoding.UTF8, text.ReplaceLineEndings("\r\n"));
        return part;
    }

    private static MailboxAddress Mailbox(string text, string field) =>
        text.Length <= 1000 && !text.Any(char.IsControl) && MailboxAddress.TryParse(text, out var mailbox)
            && mailbox is { Address.Length: > 2 and <= SmtpPath.LengthMax, Route.Count: 0 } && SmtpPath.Parse($"TO:<{mailbox.Address}>", "TO") is { Address.Length: > 0 }
            ? mailbox
            : throw new FormatException($"{field} is not an address, such as anna@example.com or Anna <anna@example.com>");

    private static string Id(string text, string field) =>
        text.Length is > 2 and < 998 && !text.Any(c => c <= ' ' || char.IsControl(c)) && MimeUtils.ParseMessageId($"<{text.Trim('<', '>')}>") is { Length: > 0 } id
            ? id
            : throw new FormatException($"{field} is not a Message-ID");
}
