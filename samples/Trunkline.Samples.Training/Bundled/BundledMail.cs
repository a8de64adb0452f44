using System.Buffers;
using System.Globalization;
using System.Text;

namespace Trunkline.Samples.Training.Bundled;

/// <summary>A mail before it is written: what it says, and in which shape.</summary>
internal sealed record BundledMail
{
    public required string From { get; init; }

    public required string To { get; init; }

    public required string Subject { get; init; }

    public required string Text { get; init; }

    public required string Charset { get; init; }

    public required DateTimeOffset Date { get; init; }

    public required string Id { get; init; }

    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Which of the ways mails are written in the wild.</summary>
    public required MailShape Shape { get; init; }
}

/// <summary>Ways mails are written in the wild, good and bad.</summary>
internal enum MailShape
{
    /// <summary>8-bit, charset declared.</summary>
    Plain,

    /// <summary>Quoted-printable.</summary>
    QuotedPrintable,

    /// <summary>Base64.</summary>
    Base64,

    /// <summary>HTML alone.</summary>
    Html,

    /// <summary>Plain and HTML beside one another.</summary>
    Alternative,

    /// <summary>With an attachment.</summary>
    Attachment,

    /// <summary>No MIME headers at all, and 8-bit text.</summary>
    Undeclared,

    /// <summary>Says US-ASCII and is not.</summary>
    WrongCharset,

    /// <summary>No Message-ID and no date.</summary>
    Nameless,

    /// <summary>Raw 8-bit bytes in the subject.</summary>
    RawSubject,
}

/// <summary>Writes a mail's bytes by hand, faults of its shape included.</summary>
internal sealed class BundledMailWriter(BundledMail mail)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Encoding _encoding = Usable(mail);

    public byte[] Write()
    {
        var nameless = mail.Shape == MailShape.Nameless;
        Line($"From: {mail.From}");
        Line($"To: {mail.To}");
        WriteSubject();
        if (!nameless)
        {
            Line($"Date: {mail.Date.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture)}+0000");
            Line($"Message-ID: <{mail.Id}>");
        }

        if (mail.References.Count > 0)
        {
            Line($"In-Reply-To: <{mail.References[^1]}>");
            Line($"References: {string.Join("\r\n ", mail.References.Select(id => $"<{id}>"))}");
        }

        WriteContent();
        return _bytes.WrittenSpan.ToArray();
    }

    private static Encoding Usable(BundledMail mail)
    {
        var encoding = Encoding.GetEncoding(mail.Charset, new EncoderExceptionFallback(), new DecoderReplacementFallback());
        try
        {
            encoding.GetByteCount(mail.Text + mail.Subject);
            return encoding;
        }
        catch (EncoderFallbackException)
        {
            return new UTF8Encoding(false);
        }
    }

    private void WriteSubject()
    {
        if (mail.Shape == MailShape.RawSubject || mail.Subject.All(char.IsAscii))
        {
            _bytes.Write("Subject: "u8);
            _bytes.Write(_encoding.GetBytes(mail.Subject));
            Line("");
            return;
        }

        Line($"Subject: =?{_encoding.WebName}?B?{Convert.ToBase64String(_encoding.GetBytes(mail.Subject))}?=");
    }

    private void WriteContent()
    {
        switch (mail.Shape)
        {
            case MailShape.Undeclared:
                Line("");
                Body(mail.Text);
                break;
            case MailShape.WrongCharset:
                Part("text/plain; charset=us-ascii", "8bit", mail.Text);
                break;
            case MailShape.QuotedPrintable:
                Part($"text/plain; charset={_encoding.WebName}", "quoted-printable", mail.Text);
                break;
            case MailShape.Base64:
                Part($"text/plain; charset={_encoding.WebName}", "base64", mail.Text);
                break;
            case MailShape.Html:
                Part($"text/html; charset={_encoding.WebName}", "8bit", Html());
                break;
            case MailShape.Alternative:
                Line("Content-Type: multipart/alternative; boundary=\"=-alt\"\r\n\r\n--=-alt");
                Part($"text/plain; charset={_encoding.WebName}", "8bit", mail.Text);
                Line("--=-alt");
                Part($"text/html; charset={_encoding.WebName}", "quoted-printable", Html());
                Line("--=-alt--");
                break;
            case MailShape.Attachment:
                Line("Content-Type: multipart/mixed; boundary=\"=-mix\"\r\n\r\n--=-mix");
                Part($"text/plain; charset={_encoding.WebName}", "8bit", mail.Text);
                Line("--=-mix\r\nContent-Disposition: attachment; filename=\"note.csv\"");
                Part("text/csv; charset=us-ascii", "base64", "item,amount\r\none,1\r\n");
                Line("--=-mix--");
                break;
            default:
                Part($"text/plain; charset={_encoding.WebName}", "8bit", mail.Text);
                break;
        }
    }

    private void Part(string type, string encoding, string text)
    {
        Line("MIME-Version: 1.0");
        Line($"Content-Type: {type}");
        Line($"Content-Transfer-Encoding: {encoding}");
        Line("");
        switch (encoding)
        {
            case "base64":
                Line(Convert.ToBase64String(_encoding.GetBytes(text), Base64FormattingOptions.InsertLineBreaks));
                break;
            case "quoted-printable":
                Line(QuotedPrintable(_encoding.GetBytes(text.ReplaceLineEndings("\n"))));
                break;
            default:
                Body(text);
                break;
        }
    }

    private static string QuotedPrintable(byte[] bytes)
    {
        var line = 0;
        var text = new StringBuilder();
        foreach (var b in bytes)
        {
            var piece = b == '\n' ? "\r\n" : b is >= 32 and < 127 and not (byte)'=' ? ((char)b).ToString() : $"={b:X2}";
            if (line + piece.Length > 72 && b != '\n')
            {
                text.Append("=\r\n");
                line = 0;
            }

            text.Append(piece);
            line = b == '\n' ? 0 : line + piece.Length;
        }

        return text.ToString();
    }

    private string Html() =>
        $"<html><head><style>p {{ margin: 0 }}</style></head><body><p>{System.Net.WebUtility.HtmlEncode(mail.Text).Replace("\n\n", "</p><p>", StringComparison.Ordinal)}</p></body></html>";

    private void Body(string text)
    {
        _bytes.Write(_encoding.GetBytes(text.ReplaceLineEndings("\r\n")));
        Line("");
    }

    private void Line(string line) => _bytes.Write(Encoding.UTF8.GetBytes(line + "\r\n"));
}
