using System.Text;
using System.Text.Json;
using MimeKit;

namespace Trunkline.Mail;

/// <summary>
/// What a delivery notice (RFC 3464) says of a mail sent earlier. The receipt is the envelope's id the sender gave, else the local part of the
/// mail's own Message-ID. Anybody can write a notice: a receipt is hard to guess, but who got the mail knows it.
/// </summary>
internal sealed class DeliveryReport
{
    private const int BytesMax = 256 * 1024;
    private const int RecipientsMax = 100;
    private const int ValueLengthMax = 320;

    private string? _receipt;
    private string? _messageId;
    private readonly List<(string? Address, string Action, string? Status)> _recipients = [];

    private DeliveryReport()
    {
    }

    /// <summary>Null if the mail is no notice.</summary>
    public static DeliveryReport? Of(MailOutline outline, ReadOnlyMemory<byte> mail, CancellationToken cancellationToken)
    {
        var status = outline.Parts.FirstOrDefault(part => part.Type.IsMimeType("message", "delivery-status") || part.Type.IsMimeType("message", "global-delivery-status"));
        if (status is null)
        {
            return null;
        }

        var report = new DeliveryReport();
        report.ReadStatus(Decode(status, mail, cancellationToken));
        var returned = outline.Parts.FirstOrDefault(part => part.IsMail || part.Type.IsMimeType("text", "rfc822-headers") || part.Type.IsMimeType("message", "rfc822-headers"));
        if (returned is not null)
        {
            report.ReadReturned(Decode(returned, mail, cancellationToken));
        }

        return report;
    }

    /// <summary>The field <c>report</c>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        var worst = _recipients.OrderBy(one => one.Action switch { "failed" => 0, "delayed" => 1, _ => 2 }).FirstOrDefault();
        json.WriteStartObject("report");
        json.WriteString("receipt", _receipt ?? LocalPart(_messageId));
        json.WriteString("messageId", _messageId);
        json.WriteString("fact", worst.Action switch
        {
            "failed" => "bounced",
            "delivered" or "relayed" or "expanded" => "delivered",
            _ => null,
        });
        json.WriteString("status", worst.Status);
        json.WriteStartArray("recipients");
        foreach (var (address, action, status) in _recipients)
        {
            json.WriteStartObject();
            json.WriteString("address", address);
            json.WriteString("action", action);
            json.WriteString("status", status);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static byte[] Decode(MailPart part, ReadOnlyMemory<byte> mail, CancellationToken cancellationToken)
    {
        // The beginning holds what is needed; a notice may carry the whole mail.
        using var whole = new MemoryStream();
        var head = part with { End = Math.Min(part.End, part.Start + BytesMax) };
        head.DecodeTo(mail, whole, cancellationToken);
        return whole.ToArray();
    }

    private void ReadStatus(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var parser = new MimeParser(stream);
        while (!parser.IsEndOfStream && _recipients.Count < RecipientsMax)
        {
            HeaderList group;
            try
            {
                group = parser.ParseHeaders();
            }
            catch (FormatException)
            {
                return;
            }

            _receipt ??= Xtext(group["Original-Envelope-Id"]);
            if (group["Action"] is { } action)
            {
                _recipients.Add((Typed(group["Final-Recipient"] ?? group["Original-Recipient"]), Word(action), group["Status"] is { } status ? Word(status) : null));
            }
        }
    }

    private void ReadReturned(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        try
        {
            var id = new MimeParser(stream).ParseHeaders()[HeaderId.MessageId];
            _messageId = id is null ? null : CleanText.Line(id, ValueLengthMax).Trim('<', '>');
        }
        catch (FormatException)
        {
            // A notice without the mail's headers; the envelope's id may do.
        }
    }

    private static string? LocalPart(string? id) => id?.LastIndexOf('@') is > 0 and var at ? id[..at] : null;

    private static string Word(string value)
    {
        var text = CleanText.Line(value, ValueLengthMax);
        var end = text.IndexOfAny([' ', '\t', '(']);
        return (end < 0 ? text : text[..end]).ToLowerInvariant();
    }

    /// <summary>The value after its type: <c>rfc822; anna@example.com</c>.</summary>
    private static string? Typed(string? value) =>
        value is null ? null : CleanText.Line(value[(value.IndexOf(';', StringComparison.Ordinal) + 1)..], ValueLengthMax);

    /// <summary>RFC 3461, 4: +XX stands for a byte.</summary>
    private static string? Xtext(string? value)
    {
        if (value is null)
        {
            return null;
        }

        var text = CleanText.Line(value, ValueLengthMax);
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '+' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), System.Globalization.NumberStyles.HexNumber, null, out var b) && b is > 0x20 and < 0x7f)
            {
                plain.Append((char)b);
                i += 2;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.Length == 0 ? null : plain.ToString();
    }
}
