using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.Api.DeadLetters;

/// <summary>Dealing with dead letters one by one, and dropping many. Each deed is an entry in the changes.</summary>
internal static class DeadLetterDeeds
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/dead/{flow}/{partition:int}/{offset:long}/redrive", RedriveAsync)
            .WithName("redriveDeadLetter").WithTags("dead letters").WithSummary("Runs the message of a dead letter again, as it was or with another payload.")
            .WithDescription("In order behind others of its key. Done a second time it does nothing and says so. Answers once what became of it is durable.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapPost("/api/v1/dead/{flow}/{partition:int}/{offset:long}/drop", DropOneAsync)
            .WithName("dropDeadLetter").WithTags("dead letters").WithSummary("Drops a dead letter: it counts as dealt with; its bytes stay until retention.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapPost("/api/v1/dead/{flow}/drop", DropAsync)
            .WithName("dropDeadLetters").WithTags("dead letters").WithSummary("Drops all open dead letters of a flow that fit.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
    }

    private static async Task<Ok<RedriveResponse>> RedriveAsync(
        string flow, int partition, long offset, RedriveRequest? request, HttpContext context, [FromServices] DeadLetterDesk desk)
    {
        var letter = await DeadLetterEndpoints.FindAsync(desk, flow, new LetterPlace(partition, offset), context.RequestAborted);
        var result = await desk.RedriveAsync(letter, EditedOf(request), context.Caller().Name, context.RequestAborted);
        return TypedResults.Ok(ResponseOf(result, letter));
    }

    private static async Task<Ok<DropResponse>> DropOneAsync(
        string flow, int partition, long offset, HttpContext context, [FromServices] DeadLetterDesk desk)
    {
        var letter = await DeadLetterEndpoints.FindAsync(desk, flow, new LetterPlace(partition, offset), context.RequestAborted);
        return TypedResults.Ok(new DropResponse(await desk.DropAsync(letter, context.Caller().Name, context.RequestAborted) ? 1 : 0));
    }

    private static async Task<Ok<DropResponse>> DropAsync(string flow, DropRequest request, HttpContext context, [FromServices] DeadLetterDesk desk)
    {
        var filter = DeadLetterQuery.FilterOf(request.Selection);
        await DeadLetterEndpoints.CheckAsync(desk, flow, context.RequestAborted);
        var deed = request.Expire ? LetterDeed.Expired : LetterDeed.Dropped;
        return TypedResults.Ok(new DropResponse(await desk.DropAsync(flow, filter, deed, context.Caller().Name, context.RequestAborted)));
    }

    private static EditedPayload? EditedOf(RedriveRequest? request)
    {
        if (request?.PayloadBase64 is not { } text)
        {
            return request?.ContentType is null
                ? null
                : throw new ProblemException(ErrorCodes.RequestBodyInvalid, "contentType belongs to payloadBase64, which is missing.");
        }

        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? new EditedPayload(bytes.AsMemory(0, length), request.ContentType)
            : throw new ProblemException(ErrorCodes.RequestBodyInvalid, "payloadBase64 is not Base64.");
    }

    private static RedriveResponse ResponseOf(RedriveResult result, DeadLetterRecord letter) => result switch
    {
        RedriveResult.Redriven => new RedriveResponse("redriven", "It went through the flow."),
        RedriveResult.FailedAgain => new RedriveResponse("failed-again", "It failed again; there is a newer dead letter."),
        RedriveResult.Delayed => new RedriveResponse("delayed", "It failed again and is tried later by itself."),
        RedriveResult.Parked => new RedriveResponse("parked", "Its key is parked: it waits in line; release the key."),
        RedriveResult.AlreadyDone => new RedriveResponse(
            "already-done", letter.Mark is { } mark ? $"It was {mark.Deed.ToString().ToLowerInvariant()} at {mark.At:O}; nothing was done." : "It was dealt with meanwhile; nothing was done."),
        RedriveResult.Busy => new RedriveResponse("busy", "Somebody else runs it, or releases its key, just now; nothing was done."),
        RedriveResult.NoFlow => new RedriveResponse("no-flow", "The flow, or the sink, is not in the project any more; nothing was done."),
        _ => new RedriveResponse("interrupted", "The flow does not work, or stopped meanwhile; look at the dead letter, then try again."),
    };
}
