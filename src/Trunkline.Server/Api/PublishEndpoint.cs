using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api;

/// <summary><c>POST /api/v1/topics/{topic}/messages</c>: all messages of a request become durable together, or none.</summary>
internal static class PublishEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/topics/{topic}/messages", PublishAsync)
        .WithName("publish").WithTags("messages").WithSummary("Publishes messages, atomically.")
        .WithDescription("Takes CloudEvents 1.0 (structured, binary with ce- headers, batch), plain JSON (an array is one message) and NDJSON (a message a line). "
            + "Answers after the durable commit. Key: attribute partitionkey or header Trunkline-Key. Duplicates are recognised by (source, id), for plain JSON by Idempotency-Key.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge, ProblemTypes.Json).ProducesProblem(StatusCodes.Status415UnsupportedMediaType, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status507InsufficientStorage, ProblemTypes.Json)
        .Requires(Scopes.Publish);

    private static async Task<Ok<PublishResponse>> PublishAsync(string topic, HttpContext context, IBroker broker, RequestBody bodies, TopicContracts contracts, TimeProvider time)
    {
        TopicNames.CheckWritable(topic);
        PublishReader.CheckEncoding(context.Request);
        using var body = await bodies.ReadAsync(context);
        using var span = MessageSpans.Send(topic, context.Request);
        var (messages, identified) = PublishReader.Read(context.Request, body.Bytes, span);
        span?.SetTag(SpanNames.BatchCount, messages.Count);
        if (messages.Count == 0)
        {
            throw new ProblemException(ErrorCodes.EventBatchEmpty, "The request holds no message.");
        }

        contracts.Hold(topic, messages);
        var started = time.GetTimestamp();
        var appended = await broker.AppendAsync(
            new TopicAppend { Topic = topic, Messages = messages, Dedupe = identified ? DedupeMode.ById : DedupeMode.None },
            context.RequestAborted);
        ApiMeter.Published(topic, messages, appended, time.GetElapsedTime(started));
        return TypedResults.Ok(Answer(messages, appended));
    }

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
