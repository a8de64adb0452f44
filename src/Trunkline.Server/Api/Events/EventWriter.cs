using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Trunkline.Messaging;
using Utf8Text = System.Text.Unicode.Utf8;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// Writes a stored message as the API shows it: CloudEvents 1.0 JSON, and beside the attributes <c>partition</c>,
/// <c>offset</c>, <c>appendedAt</c> and <c>headers</c> (those that are not attributes).
/// </summary>
internal static class EventWriter
{
    // Answers are application/json with nosniff, never HTML: escaping for HTML would only swell other scripts than Latin.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly SearchValues<char> NameLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    public static void Write(Utf8JsonWriter writer, string topic, StoredMessage stored)
    {
        var message = stored.Message;
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        writer.WriteString("id"u8, message.Id.Value);
        writer.WriteString("source"u8, message.Source.Length > 0 ? message.Source : "/topics/" + topic);
        var others = WriteAttributes(writer, message);
        if (message.Time is { } time)
        {
            writer.WriteString("time"u8, time);
        }

        if (message.ContentType.Length > 0)
        {
            writer.WriteString("datacontenttype"u8, message.ContentType);
        }

        WriteKey(writer, message.Key);
        WriteData(writer, message);
        writer.WriteNumber("partition"u8, stored.Position.Partition);
        writer.WriteNumber("offset"u8, stored.Position.Offset);
        writer.WriteString("appendedAt"u8, stored.AppendedAt);
        if (others > 0)
        {
            WriteHeaders(writer, message.Headers);
        }

        writer.WriteEndObject();
    }

    // Returns how many headers are not attributes.
    private static int WriteAttributes(Utf8JsonWriter writer, Message message)
    {
        var others = 0;
        var typed = false;
        for (var i = 0; i < message.Headers.Count; i++)
        {
            var header = message.Headers[i];
            if (!IsAttribute(message.Headers, i))
            {
                others++;
                continue;
            }

            typed |= header.Name == HeaderNames.CloudEventType;
            writer.WriteString(AttributeName(header.Name), header.Value.Span);
        }

        if (!typed)
        {
            writer.WriteString("type"u8, "trunkline.message"u8);
        }

        return others;
    }

    // Names repeat and values are any bytes in a store; only a single, textual value can be an attribute.
    private static bool IsAttribute(Headers headers, int index)
    {
        var name = headers[index].Name;
        if (!(name is HeaderNames.TraceParent or HeaderNames.TraceState
              || (name.StartsWith(HeaderNames.CloudEventPrefix, StringComparison.Ordinal) && IsFree(name.AsSpan(HeaderNames.CloudEventPrefix.Length))))
            || !Utf8Text.IsValid(headers[index].Value.Span))
        {
            return false;
        }

        for (var i = 0; i < index; i++)
        {
            if (headers[i].Name == name)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsFree(ReadOnlySpan<char> name) =>
        name.Length > 0 && !name.ContainsAnyExcept(NameLetters)
        && name is not ("id" or "source" or "specversion" or "time" or "datacontenttype" or "partitionkey" or "data" or "partition" or "offset" or "headers"
            or "traceparent" or "tracestate");

    private static string AttributeName(string header) => header switch
    {
        HeaderNames.CloudEventType => "type",
        HeaderNames.TraceParent or HeaderNames.TraceState => header,
        _ => header[HeaderNames.CloudEventPrefix.Length..],
    };

    private static void WriteKey(Utf8JsonWriter writer, MessageKey? key)
    {
        if (key is not { } present)
        {
            return;
        }

        if (Utf8Text.IsValid(present.Bytes.Span))
        {
            writer.WriteString("partitionkey"u8, present.Bytes.Span);
        }
        else
        {
            writer.WriteBase64String("partitionkey_base64"u8, present.Bytes.Span);
        }
    }

    private static void WriteData(Utf8JsonWriter writer, Message message)
    {
        var payload = message.Payload.Span;
        if (payload.IsEmpty)
        {
            return;
        }

        // What is stored may claim to be JSON and not be it (another writer of the broker); then its bytes are shown as they are.
        if (MediaTypes.IsJson(message.ContentType) && JsonText.IsValue(payload))
        {
            writer.WritePropertyName("data"u8);
            writer.WriteRawValue(payload, skipInputValidation: true);
        }
        else if (MediaTypes.IsText(message.ContentType) && Utf8Text.IsValid(payload))
        {
            writer.WriteString("data"u8, payload);
        }
        else
        {
            writer.WriteBase64String("data_base64"u8, payload);
        }
    }

    private static void WriteHeaders(Utf8JsonWriter writer, Headers headers)
    {
        writer.WriteStartArray("headers"u8);
        for (var i = 0; i < headers.Count; i++)
        {
            if (IsAttribute(headers, i))
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("name"u8, headers[i].Name);
            if (Utf8Text.IsValid(headers[i].Value.Span))
            {
                writer.WriteString("value"u8, headers[i].Value.Span);
            }
            else
            {
                writer.WriteBase64String("value_base64"u8, headers[i].Value.Span);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
