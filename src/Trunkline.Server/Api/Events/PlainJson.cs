using System.Globalization;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Events;

/// <summary>Reads plain JSON (the whole body is one message, an array too) and NDJSON (a message a line; blank lines are skipped).</summary>
internal static class PlainJson
{
    public static List<Message> ReadOne(ReadOnlyMemory<byte> body, PublishContext context)
    {
        JsonText.CheckValue(body.Span, 0);
        return [Make(body, context, context.IdempotencyKey)];
    }

    public static List<Message> ReadLines(ReadOnlyMemory<byte> body, PublishContext context)
    {
        var messages = new List<Message>();
        long line = 0;
        for (var rest = body; !rest.IsEmpty; line++)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            text = text[^text.Span.TrimStart(" \t\r"u8).Length..];
            text = text[..text.Span.TrimEnd(" \t\r"u8).Length];
            if (text.IsEmpty)
            {
                continue;
            }

            if (messages.Count == PublishContext.MessagesMax)
            {
                throw new ProblemException(ErrorCodes.EventBatchTooMany, $"The request holds more than {PublishContext.MessagesMax} lines.");
            }

            JsonText.CheckValue(text.Span, line);
            messages.Add(Make(text, context, Numbered(context.IdempotencyKey, messages.Count)));
        }

        return messages;
    }

    private static string? Numbered(string? key, int number) =>
        key is null ? null : string.Create(CultureInfo.InvariantCulture, $"{key}/{number}");

    private static Message Make(ReadOnlyMemory<byte> payload, PublishContext context, string? id) => new()
    {
        Id = id is null ? MessageId.New() : new MessageId(id),
        Key = context.Key,
        ContentType = MediaTypes.Json,
        Headers = context.Trace(),
        Payload = payload,
    };
}
