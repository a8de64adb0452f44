using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using MimeKit;
using MimeKit.Utils;

namespace Trunkline.Mail;

/// <summary>Writes the JSON body of a mail, straight from its headers and parts. For one mail; not thread-safe.</summary>
internal sealed class MailBody(MailOutline outline, ReadOnlyMemory<byte> mail, CancellationToken cancellationToken)
{
    private const int NameLengthMax = 255;
    private const int TypeLengthMax = 127;

    // What flows ask mails about beyond the fields of their own: lists, automatic answers, priority, programs.
    private static readonly string[] s_headers =
    [
        "Auto-Submitted", "Content-Language", "Delivered-To", "Importance", "List-Id", "List-Unsubscribe", "Precedence", "Return-Path",
        "Sender", "User-Agent", "X-Auto-Response-Suppress", "X-Mailer", "X-Priority",
    ];

    // Text stays readable UTF-8; the body goes into JSON parsers, never into a page.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public ReadOnlyMemory<byte> Write(MailText text)
    {
        var buffer = new ArrayBufferWriter<byte>(text.Text.Length + 2048);
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            WriteThread(json);
            WriteAddresses(json);
            json.WriteString("subject", Value(HeaderId.Subject) ?? "");
            WriteDate(json);
            json.WriteString("text", text.Text);
            json.WriteString("textSource", text.Source);
            WriteHeaders(json);
            DeliveryReport.Of(outline, mail, cancellationToken)?.Write(json);
            var attachmentBytes = WriteAttachments(json);
            WriteSizes(json, text, attachmentBytes);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private void WriteThread(Utf8JsonWriter json)
    {
        var thread = MailThread.Of(outline.Headers, mail.Span);
        json.WriteString("id", thread.Id);
        json.WriteString("idSource", thread.IdSource);
        json.WriteString("conversation", thread.Conversation);
        json.WriteString("conversationSource", thread.ConversationSource);
        json.WriteString("inReplyTo", thread.InReplyTo);
        json.WriteStartArray("references");
        foreach (var reference in thread.References)
        {
            json.WriteStringValue(reference);
        }

        json.WriteEndArray();
    }

    private void WriteAddresses(Utf8JsonWriter json)
    {
        json.WritePropertyName("from");
        var from = Addresses(HeaderId.From).Take(1).ToArray();
        if (from.Length == 0)
        {
            json.WriteNullValue();
        }
        else
        {
            WriteAddress(json, from[0]);
        }

        WriteAddresses(json, "to", HeaderId.To);
        WriteAddresses(json, "cc", HeaderId.Cc);
        WriteAddresses(json, "replyTo", HeaderId.ReplyTo);
    }

    private void WriteAddresses(Utf8JsonWriter json, string name, HeaderId field)
    {
        json.WriteStartArray(name);
        foreach (var address in Addresses(field))
        {
            WriteAddress(json, address);
        }

        json.WriteEndArray();
    }

    private static void WriteAddress(Utf8JsonWriter json, (string? Address, string? Name) address)
    {
        json.WriteStartObject();
        json.WriteString("address", address.Address);
        json.WriteString("name", address.Name);
        json.WriteEndObject();
    }

    /// <summary>A field that holds no readable address keeps its text as the name, so that nothing is lost.</summary>
    private IEnumerable<(string? Address, string? Name)> Addresses(HeaderId field)
    {
        foreach (var header in outline.Headers.Where(header => header.Id == field))
        {
            var found = false;
            if (InternetAddressList.TryParse(header.RawValue, out var list))
            {
                foreach (var mailbox in list.Mailboxes)
                {
                    found = true;
                    var name = CleanText.Line(mailbox.Name ?? "", NameLengthMax);
                    yield return (CleanText.Line(mailbox.Address ?? "", NameLengthMax), name.Length > 0 ? name : null);
                }
            }

            var text = CleanText.Line(header.Value, NameLengthMax);
            if (!found && text.Length > 0)
            {
                yield return (null, text);
            }
        }
    }

    private void WriteDate(Utf8JsonWriter json)
    {
        if (outline.Headers[HeaderId.Date] is { } value && DateUtils.TryParse(value, out var date))
        {
            json.WriteString("date", date);
        }
        else
        {
            json.WriteNull("date");
        }
    }

    private void WriteHeaders(Utf8JsonWriter json)
    {
        json.WriteStartObject("headers");
        foreach (var name in s_headers)
        {
            if (outline.Headers[name] is { } value)
            {
                json.WriteString(name.ToLowerInvariant(), CleanText.Line(value, int.MaxValue));
            }
        }

        json.WriteEndObject();
    }

    private long WriteAttachments(Utf8JsonWriter json)
    {
        var bytes = 0L;
        json.WriteStartArray("attachments");
        foreach (var part in outline.Parts.Where(part => !part.IsInlineText))
        {
            using var content = new HashingStream();
            part.DecodeTo(mail, content, cancellationToken);
            bytes += content.Count;
            json.WriteStartObject();
            json.WriteString("name", FileName(part));
            json.WriteString("type", CleanText.Line(part.Type.MimeType.ToLowerInvariant(), TypeLengthMax));
            json.WriteNumber("size", content.Count);
            json.WriteString("sha256", content.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return bytes;
    }

    private void WriteSizes(Utf8JsonWriter json, MailText text, long attachmentBytes)
    {
        json.WriteStartObject("sizes");
        json.WriteNumber("mailBytes", mail.Length);
        json.WriteNumber("textBytes", System.Text.Encoding.UTF8.GetByteCount(text.Text));
        json.WriteNumber("attachmentBytes", attachmentBytes);
        json.WriteEndObject();
    }

    /// <summary>The bare name: a sender must not choose the folder something is saved in.</summary>
    private static string? FileName(MailPart part)
    {
        var name = part.Disposition?.FileName ?? part.Type.Name;
        if (name is null)
        {
            return null;
        }

        var bare = CleanText.Line(name[(name.LastIndexOfAny(['/', '\\']) + 1)..], NameLengthMax);
        return bare is "" or "." or ".." ? null : bare;
    }

    private string? Value(HeaderId id) => outline.Headers[id] is { } value ? CleanText.Line(value, int.MaxValue) : null;
}
