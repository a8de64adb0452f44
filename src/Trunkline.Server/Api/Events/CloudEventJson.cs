using System.Text;
using System.Text.Json;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// Reads CloudEvents 1.0 in JSON: structured mode (one object) and batch mode (an array of them). Works on the request's
/// bytes; payloads and attribute values are slices of them wherever the JSON holds them verbatim.
/// </summary>
internal static class CloudEventJson
{
    public static List<Message> ReadOne(ReadOnlyMemory<byte> body, PublishContext context) => Read(body, reader: (ref r, draft) =>
    {
        if (r.TokenType != JsonTokenType.StartObject)
        {
            throw new ProblemException(ErrorCodes.EventInvalid, "A structured CloudEvent is a JSON object.");
        }

        draft.Begin(0);
        return [ReadEvent(ref r, body, draft)];
    }, context);

    public static List<Message> ReadBatch(ReadOnlyMemory<byte> body, PublishContext context) => Read(body, reader: (ref r, draft) =>
    {
        if (r.TokenType != JsonTokenType.StartArray)
        {
            throw new ProblemException(ErrorCodes.EventInvalid, "A batch of CloudEvents is a JSON array.");
        }

        var messages = new List<Message>();
        while (r.Read() && r.TokenType != JsonTokenType.EndArray)
        {
            draft.Begin(messages.Count + 1);
            if (r.TokenType != JsonTokenType.StartObject)
            {
                throw draft.Invalid("an event is a JSON object");
            }

            if (messages.Count == PublishContext.MessagesMax)
            {
                throw new ProblemException(ErrorCodes.EventBatchTooMany, $"The batch holds more than {PublishContext.MessagesMax} events.");
            }

            messages.Add(ReadEvent(ref r, body, draft));
        }

        return messages;
    }, context);

    private delegate List<Message> EventReader(ref Utf8JsonReader reader, EventDraft draft);

    private static List<Message> Read(ReadOnlyMemory<byte> body, EventReader reader, PublishContext context)
    {
        var json = new Utf8JsonReader(body.Span, JsonText.ReaderOptions);
        try
        {
            json.Read();
            var messages = reader(ref json, new EventDraft(context));
            json.Read();
            return messages;
        }
        catch (JsonException broken)
        {
            throw JsonText.Broken(broken, 0);
        }
    }

    private static Message ReadEvent(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, EventDraft draft)
    {
        ReadOnlyMemory<byte>? data = null;
        ReadOnlyMemory<byte>? base64 = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            // An escaped name is legal JSON; no attribute needs one, so it is compared and refused as it stands.
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("data"u8))
            {
                data = data is null ? Value(ref reader, body) : throw draft.Invalid("data is given twice");
            }
            else if (name.SequenceEqual("data_base64"u8))
            {
                base64 = base64 is null ? Base64(ref reader, draft) : throw draft.Invalid("data_base64 is given twice");
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                draft.Set(name, Attribute(ref reader, body, draft));
            }
        }

        return draft.Build(Payload(draft, data, base64));
    }

    private static ReadOnlyMemory<byte> Payload(EventDraft draft, ReadOnlyMemory<byte>? data, ReadOnlyMemory<byte>? base64)
    {
        if (base64 is { } bytes)
        {
            return data is null ? bytes : throw draft.Invalid("data and data_base64 exclude each other");
        }

        if (data is not { } value)
        {
            return default;
        }

        if (draft.ContentType is null)
        {
            // JSON format 3.1.1: without a media type, data is JSON.
            draft.SetContentType("application/json"u8);
        }

        return !MediaTypes.IsJson(draft.ContentType ?? MediaTypes.Json) && value.Span[0] == (byte)'"' ? Unescape(value.Span) : value;
    }

    private static ReadOnlyMemory<byte> Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        var start = (int)reader.TokenStartIndex;
        JsonText.SkipValue(ref reader);
        return body[start..(int)reader.BytesConsumed];
    }

    private static byte[] Base64(ref Utf8JsonReader reader, EventDraft draft) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes) ? bytes : throw draft.Invalid("data_base64 is not a base64 string");

    private static ReadOnlyMemory<byte> Attribute(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, EventDraft draft)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when !reader.ValueIsEscaped:
                return body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            case JsonTokenType.String:
                JsonText.SkipValue(ref reader);
                return Encoding.UTF8.GetBytes(reader.GetString()!);
            case JsonTokenType.True or JsonTokenType.False:
            case JsonTokenType.Number when !reader.ValueSpan.ContainsAny((byte)'.', (byte)'e', (byte)'E'):
                return body.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length);
            default:
                throw draft.Invalid("attributes are strings, booleans or integers");
        }
    }

    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        reader.Read();
        return reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan.ToArray();
    }
}
