using Microsoft.AspNetCore.Http.HttpResults;
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

        var held = contracts.Hold(topic, messages);
        var started = time.GetTimestamp();
        var append = new TopicAppend { Topic = topic, Messages = messages, Dedupe = identified ? DedupeMode.ById : DedupeMode.None };
        var appended = held is null ? await broker.AppendAsync(append, context.RequestAborted) : await AppendAsync(broker, append, held, context.RequestAborted);
        ApiMeter.Published(topic, messages, appended, time.GetElapsedTime(started));
        return TypedResults.Ok(Answer(messages, appended, held));
    }

    /// <summary>Appends what fits to the topic and the rest to its dead letters, as one unit.</summary>
    private static async Task<IReadOnlyList<Appended>> AppendAsync(IBroker broker, TopicAppend all, HeldBack held, CancellationToken cancellationToken)
    {
        var fitting = all.Messages.Where((_, i) => !held.Letters.ContainsKey(i)).ToList();
        var letters = held.Letters.OrderBy(letter => letter.Key).Select(letter => letter.Value).ToList();
        List<TopicAppend> appends = [all with { Topic = held.Topic, Messages = letters }];
        if (fitting.Count > 0)
        {
            appends.Add(all with { Messages = fitting });
        }

        var result = await broker.CommitAsync(new CommitUnit { Appends = appends }, cancellationToken);
        var (dead, rest) = (new Queue<Appended>(result.Appended[0]), new Queue<Appended>(fitting.Count > 0 ? result.Appended[1] : []));
        return [.. all.Messages.Select((_, i) => held.Letters.ContainsKey(i) ? dead.Dequeue() : rest.Dequeue())];
    }

    private static PublishResponse Answer(List<Message> messages, IReadOnlyList<Appended> appended, HeldBack? held)
    {
        var published = new PublishedMessage[messages.Count];
        for (var i = 0; i < published.Length; i++)
        {
            published[i] = new PublishedMessage(messages[i].Id.Value, appended[i].Position.Partition, appended[i].Position.Offset, appended[i].Duplicate)
            {
                DeadLettered = held?.Letters.ContainsKey(i) == true,
            };
        }

        return new PublishResponse(published);
    }
}
