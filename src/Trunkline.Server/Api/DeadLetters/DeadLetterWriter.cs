using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Api.Events;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Api.DeadLetters;

/// <summary>Writes a dead letter as the API shows it.</summary>
internal static class DeadLetterWriter
{
    /// <param name="writer">Where to.</param>
    /// <param name="letter">The dead letter.</param>
    /// <param name="withPayload">Whether the payload is told.</param>
    public static void Write(Utf8JsonWriter writer, DeadLetterRecord letter, bool withPayload)
    {
        writer.WriteStartObject();
        writer.WriteString("flow"u8, letter.Flow);
        writer.WriteString("cause"u8, letter.Cause);
        WriteText(writer, "detail"u8, letter.Detail);
        WriteText(writer, "step"u8, letter.Step);
        WriteText(writer, "exception"u8, letter.ExceptionType);
        writer.WriteNumber("attempts"u8, letter.Attempts);
        writer.WriteString("firstFailedAt"u8, letter.FirstFailedAt);
        writer.WriteString("failedAt"u8, letter.FailedAt);
        WriteText(writer, "revision"u8, letter.Revision);
        WriteText(writer, "trace"u8, letter.Trace);
        WriteText(writer, "position"u8, letter.Original);
        writer.WriteNumber("payloadBytes"u8, letter.Stored.Message.Payload.Length);
        if (letter.Mark is { } mark)
        {
            writer.WriteString("deed"u8, mark.Deed.ToString().ToLowerInvariant());
            writer.WriteString("deedAt"u8, mark.At);
        }

        writer.WritePropertyName("event"u8);
        EventWriter.Write(writer, FlowNames.Dead(letter.Flow), withPayload ? letter.Stored : letter.Stored with { Message = Bare(letter.Stored.Message) });
        writer.WriteEndObject();
    }

    private static Message Bare(Message message) => new()
    {
        Id = message.Id,
        Source = message.Source,
        Time = message.Time,
        Key = message.Key,
        ContentType = message.ContentType,
        Headers = message.Headers,
    };

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }
}
