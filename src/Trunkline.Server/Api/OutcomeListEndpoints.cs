using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Api;

/// <summary>What became of messages, counted; and the messages of one outcome, or of one kind of later facts.</summary>
internal static class OutcomeListEndpoints
{
    private const int LimitMax = 500;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/outcome-counts", CountAsync).WithName("countOutcomes").WithTags("outcomes")
            .WithSummary("What became of messages, counted by flow, outcome and cause; and what was told of them later.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapGet("/api/v1/flows/{flow}/outcomes", ListAsync).WithName("listOutcomes").WithTags("outcomes")
            .WithSummary("The newest messages of a flow with one outcome, newest first; with a sink, those it gave up.")
            .WithDescription("An answer may hold fewer than the limit, or none, and still say where to look further back.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapGet("/api/v1/facts", FactsAsync).WithName("listFacts").WithTags("outcomes")
            .WithSummary("The newest of what was told later, of one kind, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).Requires(Scopes.Read);
    }

    private static async Task<Ok<OutcomeCounts>> CountAsync(
        [FromServices] OutcomeViews views, Node node, TimeProvider time, CancellationToken cancellationToken, string? flow = null, string since = "24h")
    {
        var until = time.GetUtcNow();
        var from = OutcomeShapes.Since(since, until);
        var counts = await views.CountAsync(flow, from, cancellationToken);
        Require(flow, node, counts.Count > 0);
        var facts = await views.CountFactsAsync(from, cancellationToken);
        var told = facts.Values.Sum(fact => fact.Facts);
        return TypedResults.Ok(new OutcomeCounts(
            from, until,
            [.. counts.Select(one => View(one.Key, one.Value.Values))],
            [.. facts.Select(one => new FactCount(one.Key, one.Value.Facts, (double)one.Value.Facts / told, one.Value.Valued == 0 ? null : one.Value.Sum / one.Value.Valued))]));
    }

    private static async Task<Ok<OutcomeList>> ListAsync(
        string flow, [AsParameters] OutcomeAsked asked, [FromServices] OutcomeViews views, Node node, TimeProvider time, CancellationToken cancellationToken)
    {
        var sink = string.IsNullOrEmpty(asked.Sink) ? null : asked.Sink;
        var listing = new OutcomeListing(
            flow, OutcomeShapes.State(asked.State), string.IsNullOrEmpty(asked.Cause) ? null : asked.Cause, sink, OutcomeShapes.Since(asked.Since ?? "24h", time.GetUtcNow()), asked.Before, Limit(asked.Limit));
        var (outcomes, before) = await views.ListAsync(listing, cancellationToken);
        Require(flow, node, outcomes.Count > 0 || before is not null);
        return TypedResults.Ok(new OutcomeList([.. outcomes.Select(OutcomeShapes.Of)]) { Before = before });
    }

    private static async Task<Ok<FactList>> FactsAsync(
        [FromServices] OutcomeViews views, TimeProvider time, CancellationToken cancellationToken, string? fact = null, string since = "24h", long? before = null, int? limit = null)
    {
        if (fact is null || !LaterFacts.Kinds.Contains(fact, StringComparer.Ordinal))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"fact is one of {string.Join(", ", LaterFacts.Kinds)}.");
        }

        var (facts, further) = await views.ListFactsAsync(new FactListing(fact, OutcomeShapes.Since(since, time.GetUtcNow()), before, Limit(limit)), cancellationToken);
        return TypedResults.Ok(new FactList([.. facts.Select(OutcomeShapes.Of)], further));
    }

    private static FlowOutcomeCounts View(string flow, IEnumerable<FidelityBucket> tenants)
    {
        var all = new FidelityBucket();
        foreach (var bucket in tenants)
        {
            all.Add(bucket);
        }

        var messages = all.Due + all.Filtered;
        var delivered = all.Due - all.Failed.Where(one => one.Key.Sink.Length == 0).Sum(one => one.Value);
        IEnumerable<(OutcomeKind Kind, long Count)> counts =
        [
            (new OutcomeKind(OutcomeState.Delivered, "", ""), delivered), (new OutcomeKind(OutcomeState.Filtered, "", ""), all.Filtered),
            .. all.Failed.OrderBy(one => one.Key.Sink.Length > 0).ThenByDescending(one => one.Value).Select(one => (one.Key, one.Value)),
        ];
        return new FlowOutcomeCounts(flow, messages, [.. counts.Where(one => one.Count > 0).Select(one => new OutcomeCount(
            OutcomeShapes.Word(one.Kind.State), one.Count, (double)one.Count / messages) { Cause = Named(one.Kind.Cause), Sink = Named(one.Kind.Sink) })]);
    }

    private static string? Named(string text) => text.Length == 0 ? null : text;

    private static int Limit(int? limit) => (limit ?? 50) is >= 1 and <= LimitMax and var some ? some
        : throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}.");

    private static void Require(string? flow, Node node, bool found)
    {
        if (flow is not null && !found && !node.Project.Flows.ContainsKey(flow))
        {
            throw Lookups.NoOutcomes(flow);
        }
    }

    private sealed record OutcomeAsked(string? State, string? Cause, string? Sink, string? Since, long? Before, int? Limit);
}
