using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Api;

/// <summary>What became of messages: look one up, and tell what was learned later.</summary>
internal static class OutcomeEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/outcomes", FindAsync).WithName("findOutcomes").WithTags("outcomes")
            .WithSummary("What became of the messages with an id, a receipt of a sink that is no topic, or a key; the newest.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapGet("/api/v1/outcomes/{id}", GetAsync).WithName("getOutcome").WithTags("outcomes")
            .WithSummary("What became of the message with an id, per flow.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/outcomes", TellAsync).WithName("tellOutcomes").WithTags("outcomes")
            .WithSummary("Tells what was learned of messages later: delivered, bounced, read, rated, converted, label.")
            .WithDescription("One object, an array, or NDJSON. A fact names its message by id, by a receipt, or by key, and may come before the message's outcome. All are stored, or none; a factId told before changes nothing.")
            .Accepts<OutcomeFactView>("application/json", "application/x-ndjson")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status413PayloadTooLarge, ProblemTypes.Json)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType, ProblemTypes.Json).Requires(Scopes.Publish);
    }

    private static async Task<Ok<OutcomeList>> FindAsync(
        [FromServices] OutcomeViews views, CancellationToken cancellationToken,
        string? id = null, string? receipt = null, string? key = null, string? flow = null, int limit = 100)
    {
        if (limit is < 1 or > OutcomeViews.FoundMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {OutcomeViews.FoundMax}.");
        }

        var wanted = OutcomeShapes.Wanted(id, receipt, key);
        return TypedResults.Ok(await AnswerAsync(views, new OutcomeQuery(wanted, flow, limit), cancellationToken));
    }

    private static async Task<Ok<OutcomeList>> GetAsync(string id, [FromServices] OutcomeViews views, CancellationToken cancellationToken)
    {
        var found = await AnswerAsync(views, new OutcomeQuery(OutcomeWanted.Id(id), null, OutcomeViews.FoundMax), cancellationToken);
        if (found.Outcomes.Count == 0 && id.Contains("%2F", StringComparison.OrdinalIgnoreCase))
        {
            // The server leaves an escaped slash in a path as it is.
            var slashed = OutcomeWanted.Id(id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
            found = await AnswerAsync(views, new OutcomeQuery(slashed, null, OutcomeViews.FoundMax), cancellationToken);
        }

        return found.Outcomes.Count > 0 ? TypedResults.Ok(found)
            : throw new ProblemException(ErrorCodes.OutcomeNotFound, "No flow has written down what became of a message with this id.");
    }

    private static async Task<Ok<ToldFacts>> TellAsync(
        HttpContext context, [FromServices] OutcomeViews views, RequestBody bodies, TimeProvider time)
    {
        using var body = await bodies.ReadAsync(context);
        var facts = FactReader.Read(context.Request, body.Bytes, time.GetUtcNow());
        var known = await views.TellAsync(facts, context.RequestAborted);
        return TypedResults.Ok(new ToldFacts([.. facts.Select((fact, i) => new ToldFact(fact.Id, known[i]))]));
    }

    private static async Task<OutcomeList> AnswerAsync(OutcomeViews views, OutcomeQuery query, CancellationToken cancellationToken) =>
        new([.. (await views.FindAsync(query, cancellationToken)).Select(OutcomeShapes.Of)]);
}
