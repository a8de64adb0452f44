using System.Globalization;
using System.Text;

namespace Trunkline.Mail;

/// <summary>The text of a mail and where it was found (<c>plain</c>, <c>html</c>, <c>other</c>, <c>none</c>).</summary>
internal sealed record MailText(string Text, string Source)
{
    // Plain text as it was meant beats text taken out of HTML; other kinds (text/enriched, …) are better than nothing.
    private static readonly string[] s_preference = ["plain", "html", "other"];

    static MailText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>All inline text parts of the most preferred kind that has any text, joined by an empty line.</summary>
    public static MailText Of(IReadOnlyList<MailPart> parts, ReadOnlyMemory<byte> mail, MailLimits limits, CancellationToken cancellationToken)
    {
        var left = limits.TextBytesMax;
        foreach (var kind in s_preference)
        {
            var text = new StringBuilder();
            foreach (var part in parts.Where(part => part.IsInlineText && KindOf(part) == kind))
            {
                var bytes = Decode(part, mail, left, limits, cancellationToken);
                left -= bytes.Length;
                var decoded = CleanText.Of(ToText(bytes.Span, part.Type.Charset));
                decoded = kind == "html" ? HtmlText.Of(decoded) : decoded;
                text.Append(text.Length > 0 && decoded.Length > 0 ? "\n\n" : "").Append(decoded);
            }

            if (!string.IsNullOrWhiteSpace(text.ToString()))
            {
                return new MailText(text.ToString(), kind);
            }
        }

        return new MailText("", "none");
    }

    /// <summary>
    /// Decodes by the declared charset where it can be trusted. Undeclared, unknown and US-ASCII text is UTF-8 if it is valid as
    /// such, else Windows-1252, which is also what ISO-8859-1 means in practice (WHATWG Encoding Standard). UTF-7 is taken as
    /// unknown: it hides text from whoever reads the raw mail.
    /// </summary>
    public static string ToText(ReadOnlySpan<byte> bytes, string? charset)
    {
        if (bytes.StartsWith("\uFEFF"u8))
        {
            return Encoding.UTF8.GetString(bytes[3..]);
        }

        var declared = Find(charset);
        if (declared is not null)
        {
            return declared.GetString(bytes);
        }

        return System.Text.Unicode.Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : Encoding.GetEncoding(1252).GetString(bytes);
    }

    private static Encoding? Find(string? charset)
    {
        switch (charset?.Trim().ToLowerInvariant())
        {
            case null or "" or "us-ascii" or "ascii" or "utf-8" or "utf8" or "utf-7" or "unicode-1-1-utf-7":
                return null;
            case "iso-8859-1" or "iso8859-1" or "iso_8859-1" or "latin1" or "cp1252":
                return Encoding.GetEncoding(1252);
            case var name:
                try
                {
                    return Encoding.GetEncoding(name);
                }
                catch (Exception e) when (e is ArgumentException or NotSupportedException)
                {
                    return null;
                }
        }
    }

    private static string KindOf(MailPart part) =>
        part.Type.IsMimeType("text", "plain") ? "plain" : part.Type.IsMimeType("text", "html") ? "html" : "other";

    private static ReadOnlyMemory<byte> Decode(
        MailPart part, ReadOnlyMemory<byte> mail, int bytesMax, MailLimits limits, CancellationToken cancellationToken)
    {
        using var target = new BoundedBuffer(bytesMax, limits.TextBytesMax);
        part.DecodeTo(mail, target, cancellationToken);
        return target.ToArray();
    }

    private sealed class BoundedBuffer(int bytesMax, int bytesMaxInAll) : MemoryStream
    {
        // MemoryStream sends spans through this overload when it is derived from.
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > bytesMax)
            {
                throw new MailRefusedException(
                    MailFaultCodes.TextTooLarge,
                    string.Create(CultureInfo.InvariantCulture, $"Its text has more than {bytesMaxInAll} bytes."));
            }

            base.Write(buffer, offset, count);
        }
    }
}
