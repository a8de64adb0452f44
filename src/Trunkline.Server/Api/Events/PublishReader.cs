using System.Diagnostics;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api.Events;

/// <summary>Chooses by headers how a request's messages are read: CloudEvents in three modes, plain JSON, NDJSON.</summary>
internal static class PublishReader
{
    private const string KeyHeader = "Trunkline-Key";
    private const string IdempotencyHeader = "Idempotency-Key";

    /// <summary>Reads every message of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="span">The span messages without a trace of their own continue; null for the request's.</param>
    /// <returns>The messages, and whether the producer gave them identities that repeats are recognised by.</returns>
    public static (List<Message> Messages, bool Identified) Read(HttpRequest request, ReadOnlyMemory<byte> body, Activity? span = null)
    {
        var publish = ReadContext(request, span);
        var parsed = MediaTypes.Parse(request.ContentType);
        var media = parsed?.Media;
        if (media is not null && media.StartsWith("application/cloudevents", StringComparison.Ordinal))
        {
            CheckCharset(parsed!.Value.Charset);
            return media switch
            {
                "application/cloudevents+json" => (CloudEventJson.ReadOne(JsonText.Utf8(body), publish), true),
                "application/cloudevents-batch+json" => (CloudEventJson.ReadBatch(JsonText.Utf8(body), publish), true),
                _ => throw new ProblemException(ErrorCodes.RequestTypeUnsupported, "Of CloudEvents formats the node takes JSON."),
            };
        }

        if (CloudEventHeaders.Present(request.Headers))
        {
            return (ReadBinary(request, parsed, body, publish), true);
        }

        if (media is "application/x-ndjson" or "application/ndjson" or "application/jsonl")
        {
            CheckCharset(parsed!.Value.Charset);
            return (PlainJson.ReadLines(JsonText.Utf8(body), publish), publish.IdempotencyKey is not null);
        }

        if (media is not null && MediaTypes.IsJson(media))
        {
            CheckCharset(parsed!.Value.Charset);
            return (PlainJson.ReadOne(JsonText.Utf8(body), publish), publish.IdempotencyKey is not null);
        }

        throw new ProblemException(ErrorCodes.RequestTypeUnsupported, media is null ? "The request has no valid Content-Type." : $"The node does not take {media} without ce- headers.");
    }

    /// <summary>Reads the one message of a request to a flow: as above, or any other content as it is.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="span">The span of the request, which the message continues; null for none.</param>
    public static (Message Message, bool Identified) ReadOne(HttpRequest request, ReadOnlyMemory<byte> body, Activity? span = null)
    {
        var media = MediaTypes.Parse(request.ContentType)?.Media;
        if (media is null || media.StartsWith("application/cloudevents", StringComparison.Ordinal) || MediaTypes.IsJson(media) || CloudEventHeaders.Present(request.Headers))
        {
            var (messages, identified) = Read(request, body, span);
            return messages.Count == 1 ? (messages[0], identified) : throw new ProblemException(ErrorCodes.RequestTypeUnsupported, "A flow takes one message per request.");
        }

        var publish = ReadContext(request, span);
        var message = new Message
        {
            Id = publish.IdempotencyKey is null ? MessageId.New() : new MessageId(publish.IdempotencyKey),
            Key = publish.Key,
            ContentType = request.ContentType!,
            Headers = publish.Trace(),
            Payload = body,
        };
        return (message, publish.IdempotencyKey is not null);
    }

    /// <summary>Refuses packed bodies, before any of them is read.</summary>
    public static void CheckEncoding(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ErrorCodes.RequestEncodingUnsupported, "The request has a Content-Encoding; the node takes bodies as they are.");
        }
    }

    private static List<Message> ReadBinary(HttpRequest request, (string Media, string? Charset)? parsed, ReadOnlyMemory<byte> body, PublishContext publish)
    {
        if (request.ContentType is { Length: > 0 } && parsed is null)
        {
            throw new ProblemException(ErrorCodes.RequestTypeUnsupported, "Content-Type is not a media type.");
        }

        // A payload that says it is JSON is held to it here, where the producer can still be told.
        if (parsed is { } type && MediaTypes.IsJson(type.Media) && !body.IsEmpty)
        {
            CheckCharset(type.Charset);
            body = JsonText.Utf8(body);
            JsonText.CheckValue(body.Span, 0);
        }

        return CloudEventHeaders.Read(request, body, publish);
    }

    private static void CheckCharset(string? charset)
    {
        if (charset is not null && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ErrorCodes.RequestCharsetUnsupported, "The request names another charset than UTF-8.");
        }
    }

    private static PublishContext ReadContext(HttpRequest request, Activity? span)
    {
        var key = Single(request, KeyHeader) is { } text ? HeaderText.Decode(KeyHeader, text) : null;
        if (key is { Length: > EventDraft.KeyBytesMax })
        {
            throw new ProblemException(ErrorCodes.MessageKeyTooLong, $"{KeyHeader} has more than {EventDraft.KeyBytesMax} bytes.");
        }

        (string? Parent, string? State) trace = span is null ? TraceContext.Read(request.Headers).GetValueOrDefault() : (span.Id, span.TraceStateString);
        return new PublishContext(key is null ? null : new MessageKey(key), IdempotencyKey(request), trace.Parent, trace.State);
    }

    // A structured string by the HTTP working group's draft, commonly sent without quotes: both name the same key.
    private static string? IdempotencyKey(HttpRequest request)
    {
        if (Single(request, IdempotencyHeader) is not { } value)
        {
            return null;
        }

        var key = value is ['"', .., '"'] && value.Length > 1 ? value[1..^1] : value;
        return key.Length is > 0 and <= 512 && !key.Any(char.IsControl)
            ? key
            : throw new ProblemException(ErrorCodes.RequestHeaderInvalid, $"{IdempotencyHeader} is 1 to 512 characters without control characters.");
    }

    private static string? Single(HttpRequest request, string header) => request.Headers[header] switch
    {
        { Count: 0 } => null,
        { Count: 1 } one => one[0],
        _ => throw new ProblemException(ErrorCodes.RequestHeaderInvalid, $"{header} is given twice."),
    };
}
