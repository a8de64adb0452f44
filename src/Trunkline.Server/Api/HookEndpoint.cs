using Microsoft.AspNetCore.Mvc;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Connectors.Hooks;

namespace Trunkline.Server.Api;

/// <summary>
/// <c>POST /hooks/…</c>: takes signed webhooks for the flow whose source is that path. The signature is the authentication; answered when the flow
/// has committed what became of the message, with an empty body, as senders expect.
/// </summary>
internal static class HookEndpoint
{
    private const string OutcomeHeader = "Trunkline-Outcome";

    // Not signed, but what flows branch on; the event itself says the same.
    private static readonly string[] Carried = ["X-GitHub-Event", "X-GitHub-Delivery", "X-Slack-Retry-Num", "webhook-id"];

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/hooks/{**path}", AcceptAsync)
        .WithName("hook").WithTags("flows").WithSummary("Takes a signed webhook for the flow that reads from this path.")
        .WithDescription("Signed as the source says (verify); no token. The header Trunkline-Outcome tells what became of it; duplicate if it was taken before.")
        .Produces(StatusCodes.Status200OK)
        .ProducesProblem(StatusCodes.Status401Unauthorized, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable, ProblemTypes.Json)
        .Requires(Scopes.None);

    private static async Task<IResult> AcceptAsync(string path, HttpContext context, RequestBody bodies, TimeProvider time, [FromServices] HookDoors doors)
    {
        if (!doors.TryGet("/" + path, out var door))
        {
            throw new ProblemException(ErrorCodes.RequestNotFound, "No flow takes webhooks at this path.");
        }

        PublishReader.CheckEncoding(context.Request);
        using var body = await bodies.ReadAsync(context);
        var request = new HookRequest(context.Request.Headers, context.Request.QueryString.Value ?? "", context.Request.ContentType ?? "", body.Bytes, time.GetUtcNow());
        switch (door.Scheme.Judge(request))
        {
            case HookVerdict.Genuine genuine:
                context.Response.Headers[OutcomeHeader] = await TakeAsync(door, request, genuine.Identity, context.RequestAborted);
                return TypedResults.Ok();
            case HookVerdict.Question question:
                return TypedResults.Text(question.Answer, "text/plain");
            case HookVerdict.Forged forged:
                throw new ProblemException(ErrorCodes.HookSignatureInvalid, forged.Reason);
            default:
                throw new ProblemException(ErrorCodes.HookStale, "The signed time is too far from the node's.");
        }
    }

    private static async Task<string> TakeAsync(HookDoor door, HookRequest request, string identity, CancellationToken cancellationToken)
    {
        if (!door.Seen.TryBegin(identity))
        {
            throw new ProblemException(ErrorCodes.BrokerOverloaded, "Another request with the same webhook is at work.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        try
        {
            if (await door.Seen.IsSeenAsync(identity, cancellationToken))
            {
                return "duplicate";
            }

            // Not ended with the request: until the outcome is known, a repeat must not be taken beside it.
            return IntakeEndpoint.OutcomeOf(await door.Intake.AcceptAsync(MessageOf(request, identity), identity, CancellationToken.None));
        }
        finally
        {
            door.Seen.End(identity);
        }
    }

    private static Message MessageOf(HookRequest request, string identity) => new()
    {
        Id = new MessageId("hook-" + identity),
        Source = "/hooks",
        ContentType = request.IsForm || request.ContentType.Length == 0 ? "application/json" : request.ContentType,
        Headers = Headers.Of(Carried.Select(name => (Name: name, Value: request.Header(name))).Where(header => header.Value is { Length: <= 256 })
            .Select(header => new Header(header.Name.ToLowerInvariant(), header.Value!))),
        Payload = request.IsForm ? HookForm.ToJson(request.Body) : request.Body,
    };
}
