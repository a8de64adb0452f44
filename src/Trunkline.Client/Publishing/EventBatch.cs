using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Trunkline.Client.Publishing;

/// <summary>Typed messages as a CloudEvents batch: every message brings its own identity, key and trace.</summary>
internal static class EventBatch
{
    public const string ContentType = "application/cloudevents-batch+json";

    public static ReadOnlyMemory<byte> Write<T>(IReadOnlyList<OutgoingMessage<T>> messages, JsonTypeInfo<T> type, (string? Parent, string? State) trace)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("id"u8, message.Id);
            writer.WriteString("source"u8, message.Source);
            writer.WriteString("type"u8, message.Type);
            WriteIfThere(writer, "partitionkey"u8, message.Key);
            WriteIfThere(writer, "tenant"u8, message.Tenant);
            if (message.Priority is { } priority)
            {
                writer.WriteNumber("priority"u8, priority);
            }

            WriteIfThere(writer, "traceparent"u8, trace.Parent);
            WriteIfThere(writer, "tracestate"u8, trace.State);
            writer.WriteString("datacontenttype"u8, "application/json"u8);
            writer.WritePropertyName("data"u8);
            JsonSerializer.Serialize(writer, message.Body, type);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteIfThere(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
