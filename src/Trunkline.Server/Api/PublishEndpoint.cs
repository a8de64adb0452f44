using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api;

/// <summary><c>POST /api/v1/topics/{topic}/messages</c>: all messages of a request become durable together, or none.</summary>
internal static class PublishEndpoint
{
    private const string KeyHeader = "Trunkline-Key";
    private const string IdempotencyHeader = "Idempotency-Key";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/topics/{topic}/messages", PublishAsync)
        .WithName("publish").WithTags("messages").WithSummary("Publishes messages, atomically.")
        .WithDescription("Takes CloudEvents 1.0 (structured, binary with ce- headers, batch), plain JSON (an array is one message) and NDJSON (a message a line). "
            + "Answers after the durable commit. Key: attribute partitionkey or header Trunkline-Key. Duplicates are recognised by (source, id), for plain JSON by Idempotency-Key.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge, ProblemTypes.Json).ProducesProblem(StatusCodes.Status415UnsupportedMediaType, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status507InsufficientStorage, ProblemTypes.Json)
        .Requires(Scopes.Publish);

    private static async Task<Ok<PublishResponse>> PublishAsync(string topic, HttpContext context, IBroker broker, RequestBody bodies, TimeProvider time)
    {
        TopicNames.CheckWritable(topic);
        var request = context.Request;
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ErrorCodes.RequestEncodingUnsupported, "The request has a Content-Encoding; the node takes bodies as they are.");
        }

        using var body = await bodies.ReadAsync(context);
        var publish = ReadContext(request);
        var (messages, identified) = Read(request, body.Bytes, publish);
        if (messages.Count == 0)
        {
            throw new ProblemException(ErrorCodes.EventBatchEmpty, "The request holds no message.");
        }

        var started = time.GetTimestamp();
        var appended = await broker.AppendAsync(
            new TopicAppend { Topic = topic, Messages = messages, Dedupe = identified ? DedupeMode.ById : DedupeMode.None },
            context.RequestAborted);
        ApiMeter.Published(topic, messages, appended, time.GetElapsedTime(started));
        return TypedResults.Ok(Answer(messages, appended));
    }

    private static (List<Message> Messages, bool Identified) Read(HttpRequest request, ReadOnlyMemory<byte> body, PublishContext publish)
    {
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

    private static PublishContext ReadContext(HttpRequest request)
    {
        var key = Single(request, KeyHeader) is { } text ? HeaderText.Decode(KeyHeader, text) : null;
        if (key is { Length: > EventDraft.KeyBytesMax })
        {
            throw new ProblemException(ErrorCodes.MessageKeyTooLong, $"{KeyHeader} has more than {EventDraft.KeyBytesMax} bytes.");
        }

        var trace = TraceContext.Read(request.Headers);
        return new PublishContext(key is null ? null : new MessageKey(key), IdempotencyKey(request), trace?.Parent, trace?.State);
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

    private static PublishResponse Answer(List<Message> messages, IReadOnlyList<Appended> appended)
    {
        var published = new PublishedMessage[messages.Count];
        for (var i = 0; i < published.Length; i++)
        {
            published[i] = new PublishedMessage(messages[i].Id.Value, appended[i].Position.Partition, appended[i].Position.Offset, appended[i].Duplicate);
        }

        return new PublishResponse(published);
    }
}
