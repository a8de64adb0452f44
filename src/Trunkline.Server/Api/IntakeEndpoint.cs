using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Connectors.Http;

namespace Trunkline.Server.Api;

/// <summary><c>POST /in/…</c>: hands one message to the flow whose source is that path, and answers when the flow has committed it.</summary>
internal static class IntakeEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/in/{**path}", AcceptAsync)
        .WithName("intake").WithTags("flows").WithSummary("Hands a message to a flow that reads from this path.")
        .WithDescription("Takes any content. Answers once the flow's outputs are durable.")
        .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).ProducesProblem(StatusCodes.Status503ServiceUnavailable, ProblemTypes.Json)
        .Requires(Scopes.Publish);

    private static async Task<Ok<IntakeResponse>> AcceptAsync(string path, HttpContext context, RequestBody bodies, [FromServices] HttpIntakes intakes)
    {
        if (!intakes.TryGet("/" + path, out var intake))
        {
            throw new ProblemException(ErrorCodes.RequestNotFound, "No flow takes requests at this path.");
        }

        PublishReader.CheckEncoding(context.Request);
        using var body = await bodies.ReadAsync(context);
        using var span = MessageSpans.Send("http:/" + path, context.Request);
        var (message, _) = PublishReader.ReadOne(context.Request, body.Bytes, span);
        span?.SetTag(SpanNames.MessageId, message.Id.Value);
        return TypedResults.Ok(new IntakeResponse(message.Id.Value, OutcomeOf(await intake.AcceptAsync(message, null, context.RequestAborted))));
    }

    /// <summary>What became of a message, for its sender. Throws the problem if it was not taken.</summary>
    public static string OutcomeOf(IntakeResult result) => result switch
    {
        IntakeResult.Delivered => "delivered",
        IntakeResult.Filtered => "filtered",
        IntakeResult.DeadLettered => "dead-lettered",
        IntakeResult.Parked => "parked",
        IntakeResult.Delayed => "delayed",
        IntakeResult.Overloaded => throw new ProblemException(ErrorCodes.BrokerOverloaded, "As many requests wait for this flow as may.") { RetryAfter = TimeSpan.FromSeconds(1) },
        _ => throw new ProblemException(ErrorCodes.BrokerClosed, "The flow is stopping.") { RetryAfter = TimeSpan.FromSeconds(1) },
    };
}
