using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Flows;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Outcomes.Journeys;
using Trunkline.Server.Taps;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/journeys</c>: a message's way over all flows.</summary>
internal static class JourneyEndpoint
{
    private const int LimitDefault = 10;
    private const int LimitMax = 100;
    private const int BodyBytesMax = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/journeys", FindAsync)
        .WithName("findJourneys").WithTags("outcomes")
        .WithSummary("The way of messages over all flows, from where they came in to what was made of them, by an id on the way, a receipt, or a key; the newest.")
        .WithDescription("An id or receipt anywhere on the way finds the whole of it; of several messages a C# flow sent to one sink, each is found by its own id.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Ok<JourneyList>> FindAsync(
        [FromServices] OutcomeViews views, [FromServices] IBroker broker, [FromServices] FlowSupervisor flows, CancellationToken cancellationToken,
        string? id = null, string? receipt = null, string? key = null, int limit = LimitDefault)
    {
        if (limit is < 1 or > LimitMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}.");
        }

        var wanted = OutcomeShapes.Wanted(id, receipt, key);
        var topics = (await flows.SnapshotAsync(cancellationToken)).Where(flow => flow.Topic is not null).ToDictionary(flow => flow.Name, flow => flow.Topic!, StringComparer.Ordinal);
        var finder = new JourneyFinder(views, broker, topics);
        var found = await finder.FindAsync(wanted, limit, cancellationToken);
        if (found.Count == 0)
        {
            throw new ProblemException(ErrorCodes.OutcomeNotFound, "No flow has written down what became of such a message.");
        }

        var journeys = new List<JourneyView>();
        foreach (var journey in found)
        {
            journeys.Add(View(journey, await finder.FirstAsync(journey, cancellationToken)));
        }

        return TypedResults.Ok(new JourneyList(journeys));
    }

    private static JourneyView View(Journey journey, Message? first) =>
        new([.. journey.Hops.Select(hop => new JourneyHopView(hop.Depth, hop.Topic, OutcomeShapes.Of(hop.Outcome)))], journey.Whole)
        {
            Body = first is { Payload.Length: > 0 and <= BodyBytesMax } ? MaskedJson.Of(first.Payload) : null,
        };
}
