using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Fluid;
using Trunkline.Mail.Smtp;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>Makes the mail a sink sends of a message. Immutable, thread-safe.</summary>
internal sealed class MailMaker(SmtpSinkConfig sink)
{
    // Letters of all languages stay readable; what means something in HTML, quotes among it, is escaped.
    private static readonly HtmlEncoder s_html = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly PreparedExpression _to = ExpressionSyntax.Prepare(sink.To);
    private readonly PreparedExpression? _cc = Prepare(sink.Cc);
    private readonly MailText _subject = new("subject", sink.Subject, NullEncoder.Default);
    private readonly MailText? _text = sink.Text is { } text ? new MailText("text", text, NullEncoder.Default) : null;
    private readonly MailText? _html = sink.Html is { } html ? new MailText("html", html, s_html) : null;
    private readonly PreparedExpression _thread = ExpressionSyntax.Prepare(sink.Thread);

    /// <summary>The mail.</summary>
    /// <exception cref="ExpressionException">An expression failed.</exception>
    /// <exception cref="TemplateException">A template cannot be filled.</exception>
    /// <exception cref="FormatException">A value is not what it must be.</exception>
    public async ValueTask<OutgoingMail> MakeAsync(SinkMessage message, SinkValues values, DateTimeOffset now)
    {
        values.Begin(message, now);
        var (answered, references) = ThreadOf(values.Of(_thread));
        return new OutgoingMail
        {
            Receipt = message.Id,
            From = sink.From,
            To = Addresses(values.Of(_to), "to"),
            Cc = Addresses(values.Of(_cc), "cc"),
            ReplyTo = sink.ReplyTo,
            Subject = (await _subject.OfAsync(message, values))?.Trim() ?? "",
            Text = _text is null ? null : await _text.OfAsync(message, values),
            Html = _html is null ? null : await _html.OfAsync(message, values),
            InReplyTo = answered,
            References = references,
            Date = message.Message.Time ?? now,
            TraceParent = OutgoingTrace.Of(message.Message),
        };
    }

    private static PreparedExpression? Prepare(string? expression) => expression is null ? null : ExpressionSyntax.Prepare(expression);

    private static List<string> Addresses(JsonElement? value, string field) => value switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(one => Address(one, field))],
        { } one => [Address(one, field)],
    };

    private static string Address(JsonElement value, string field)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString()!;
        }

        if (value.ValueKind != JsonValueKind.Object || Text(value, "address") is not { } address)
        {
            throw new FormatException($"{field} is neither an address nor an object with one");
        }

        return Text(value, "name") is { } name ? OutgoingMail.Address(name, address) : address;
    }

    /// <summary>Only a mail with a Message-ID of its own can be answered; its thread is what it referred to, and itself (RFC 5322, 3.6.4).</summary>
    private static (string? Answered, IReadOnlyList<string> References) ThreadOf(JsonElement? thread)
    {
        if (thread is not { ValueKind: JsonValueKind.Object } mail || Text(mail, "id") is not { } id || Text(mail, "idSource") != "message-id")
        {
            return (null, []);
        }

        var references = mail.TryGetProperty("references", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!).ToList() : [];
        if (references.Count == 0 && Text(mail, "inReplyTo") is { } before)
        {
            references.Add(before);
        }

        return (id, [.. references, id]);
    }

    private static string? Text(JsonElement mail, string name) =>
        mail.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
