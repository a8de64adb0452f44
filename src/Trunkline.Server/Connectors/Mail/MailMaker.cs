using System.Text.Json;
using Trunkline.Mail.Smtp;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>Makes the mail a sink sends of a message. Immutable, thread-safe.</summary>
internal sealed class MailMaker(SmtpSinkConfig sink)
{
    private readonly PreparedExpression _to = ExpressionSyntax.Prepare(sink.To);
    private readonly PreparedExpression? _cc = Prepare(sink.Cc);
    private readonly PreparedExpression _subject = ExpressionSyntax.Prepare(sink.Subject);
    private readonly PreparedExpression? _text = Prepare(sink.Text);
    private readonly PreparedExpression? _html = Prepare(sink.Html);
    private readonly PreparedExpression _thread = ExpressionSyntax.Prepare(sink.Thread);

    /// <summary>The mail.</summary>
    /// <exception cref="ExpressionException">An expression failed.</exception>
    /// <exception cref="FormatException">A value is not what it must be.</exception>
    public OutgoingMail Make(SinkMessage message, SinkValues values, DateTimeOffset now)
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
            Subject = values.TextOf(_subject, "subject") ?? "",
            Text = values.TextOf(_text, "text"),
            Html = values.TextOf(_html, "html"),
            InReplyTo = answered,
            References = references,
            Date = message.Message.Time ?? now,
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
