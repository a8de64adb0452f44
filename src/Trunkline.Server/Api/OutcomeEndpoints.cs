using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
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

        var named = new[] { id, receipt, key }.Count(text => !string.IsNullOrEmpty(text));
        if (named != 1)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, "Name exactly one of id, receipt and key.");
        }

        var wanted = string.IsNullOrEmpty(key) ? OutcomeWanted.Id(string.IsNullOrEmpty(id) ? receipt! : id) : OutcomeWanted.Key(MessageKey.FromText(key));
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
        new([.. (await views.FindAsync(query, cancellationToken)).Select(View)]);

    private static OutcomeView View(Outcome outcome)
    {
        var row = outcome.Row;
        return new OutcomeView
        {
            Flow = outcome.Flow,
            Id = Encoding.UTF8.GetString(row.Id.Span),
            Source = NullIfEmpty(row.Context.Source),
            Key = row.Key is { } key ? Encoding.UTF8.GetString(key.Span) : null,
            Tenant = NullIfEmpty(row.Context.Tenant),
            Partition = row.Partition,
            Offset = row.Offset,
            State = Word(row.State),
            Cause = row.Cause,
            Revision = row.Context.Revision,
            Models = row.Context.Models,
            Attempts = row.Attempts,
            Degraded = row.Degraded,
            Deliveries = outcome.Deliveries,
            AppendedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.AppendedAtMilliseconds),
            At = outcome.At,
            Sinks = [.. outcome.Sinks.Select(sink => new OutcomeSinkView(
                sink.Sink, sink.Receipt, sink.State is { } state ? Word(state) : "pending", sink.At, sink.Attempts, sink.Cause))],
            Facts = [.. outcome.Facts.Select(fact => new OutcomeFactView
            {
                FactId = fact.Id,
                Fact = fact.Fact,
                Id = fact.MessageId,
                Receipt = fact.Receipt,
                Key = fact.Key,
                At = fact.At,
                Value = fact.Value,
                Label = fact.Label,
            })],
        };
    }

    private static string Word(OutcomeState state) => state == OutcomeState.DeadLettered ? "dead-lettered" : state.ToString().ToLowerInvariant();

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
