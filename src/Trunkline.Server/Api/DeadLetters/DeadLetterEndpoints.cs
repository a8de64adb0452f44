using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.Api.DeadLetters;

/// <summary>Reading dead letters: list, group, show, export. Payloads only where they are asked for.</summary>
internal static class DeadLetterEndpoints
{
    private const int LimitMax = 1000;

    // A filter that fits nothing must not keep a request for ever: the page ends, and the next goes on from there.
    private const int LookedAtMax = 100_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/dead", ListAsync)
            .WithName("listDeadLetters").WithTags("dead letters").WithSummary("Lists dead letters of a flow, or of all.")
            .WithDescription("Open ones unless state says otherwise. A page may be short, or empty, and have a next all the same.")
            .Produces<DeadLetterPage>().ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
            .Requires(Scopes.Read);
        routes.MapGet("/api/v1/dead/groups", GroupAsync)
            .WithName("groupDeadLetters").WithTags("dead letters").WithSummary("Groups open dead letters by flow, cause, step and exception.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapGet("/api/v1/dead/{flow}/export", ExportAsync)
            .WithName("exportDeadLetters").WithTags("dead letters").WithSummary("Writes dead letters of a flow, payloads included, as NDJSON.")
            .Produces<string>(StatusCodes.Status200OK, "application/x-ndjson").ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
            .Requires(Scopes.Operate);
        routes.MapGet("/api/v1/dead/{flow}/{partition:int}/{offset:long}", ShowAsync)
            .WithName("showDeadLetter").WithTags("dead letters").WithSummary("Shows a dead letter; with payload=true its payload too, which needs scope operate.")
            .Produces<DeadLetterView>().ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
            .Requires(Scopes.Read);
    }

    /// <summary>The dead letter of a path.</summary>
    public static async Task<DeadLetterRecord> FindAsync(DeadLetterDesk desk, string flow, LetterPlace place, CancellationToken cancellationToken) =>
        await desk.Store.FindAsync(flow, place, cancellationToken)
        ?? throw new ProblemException(ErrorCodes.DeadNotFound, $"Flow {flow} has no dead letter at {place.Partition}/{place.Offset}.");

    /// <summary>Refuses a flow without dead letters.</summary>
    public static async Task CheckAsync(DeadLetterDesk desk, string flow, CancellationToken cancellationToken)
    {
        if (await desk.Store.ExtentAsync(flow, cancellationToken) is null)
        {
            throw new ProblemException(ErrorCodes.FlowNotFound, $"There is no flow or group {flow} with dead letters.");
        }
    }

    private static async Task ListAsync(HttpContext context, [FromServices] DeadLetterDesk desk, [AsParameters] DeadLetterQuery query, string? cursor = null, int limit = 100)
    {
        if (limit is < 1 or > LimitMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}.");
        }

        var flows = await FlowsAsync(desk, query.Flow, context.RequestAborted);
        var page = await PageAsync(desk, flows, query, (DeadLetterCursor.Parse(cursor), limit), context.RequestAborted);
        var total = 0L;
        foreach (var flow in flows)
        {
            total += await desk.Store.CountOpenAsync(flow, context.RequestAborted);
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, EventWriter.Options);
        writer.WriteStartObject();
        writer.WriteStartArray("deadLetters"u8);
        foreach (var letter in page.Letters)
        {
            DeadLetterWriter.Write(writer, letter, withPayload: false);
            await writer.FlushAsync(context.RequestAborted);
        }

        writer.WriteEndArray();
        if (page.Next is { } next)
        {
            writer.WriteString("next"u8, NextOf(context.Request, next));
        }

        writer.WriteNumber("total"u8, total);
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    private static async Task<(List<DeadLetterRecord> Letters, DeadLetterCursor? Next)> PageAsync(
        DeadLetterDesk desk, IReadOnlyList<string> flows, DeadLetterQuery query, (DeadLetterCursor? From, int Limit) page, CancellationToken cancellationToken)
    {
        var (filter, isInState) = (query.Filter(), query.IsInState());
        var found = new List<DeadLetterRecord>();
        var lookedAt = 0;
        foreach (var flow in flows.Where(f => page.From is not { } from || string.CompareOrdinal(f, from.Flow) >= 0))
        {
            var start = page.From is { } at && at.Flow == flow ? at : new DeadLetterCursor(flow, 0, 0);
            foreach (var extent in (await desk.Store.ExtentAsync(flow, cancellationToken) ?? []).Skip(start.Partition))
            {
                var from = extent.Partition == start.Partition ? Math.Max(extent.LowOffset, start.Offset) : extent.LowOffset;
                await foreach (var letter in desk.Store.ReadAsync(flow, extent.Partition, from, extent.HighOffset, cancellationToken))
                {
                    if (isInState(letter) && filter.Fits(letter))
                    {
                        found.Add(letter);
                    }

                    if (found.Count == page.Limit || ++lookedAt == LookedAtMax)
                    {
                        return (found, new DeadLetterCursor(flow, extent.Partition, letter.Place.Offset + 1));
                    }
                }
            }
        }

        return (found, null);
    }

    private static async Task<Ok<DeadLetterGroupList>> GroupAsync(
        [FromServices] DeadLetterDesk desk, [AsParameters] DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var filter = query.Filter();
        var groups = new List<DeadLetterGroupView>();
        foreach (var flow in await FlowsAsync(desk, query.Flow, cancellationToken))
        {
            groups.AddRange((await DeadLetterGrouping.OfAsync(desk.Store.ReadAsync(flow, cancellationToken), filter, cancellationToken)).Select(group => new DeadLetterGroupView
            {
                Flow = group.Flow,
                Cause = group.Cause,
                Step = group.Step,
                Exception = group.Exception,
                Count = group.Count,
                First = group.First,
                Last = group.Last,
                Example = string.Create(CultureInfo.InvariantCulture, $"{group.Example.Partition}/{group.Example.Offset}"),
                Detail = group.Detail,
            }));
        }

        return TypedResults.Ok(new DeadLetterGroupList([.. groups.OrderByDescending(g => g.Count)]));
    }

    private static async Task ShowAsync(HttpContext context, [FromServices] DeadLetterDesk desk, string flow, int partition, long offset, bool payload = false)
    {
        var caller = context.Caller();
        if (payload && !caller.Scopes.Permits(Scopes.Operate))
        {
            throw new ProblemException(ErrorCodes.AuthScopeMissing, $"Token '{caller.Name}' lacks scope operate, which the payload of a dead letter needs.");
        }

        var letter = await FindAsync(desk, flow, new LetterPlace(partition, offset), context.RequestAborted);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, EventWriter.Options);
        DeadLetterWriter.Write(writer, letter, payload);
        await writer.FlushAsync(context.RequestAborted);
    }

    private static async Task ExportAsync(HttpContext context, [FromServices] DeadLetterDesk desk, string flow, [AsParameters] DeadLetterQuery query)
    {
        var (filter, isInState) = (query.Filter(), query.IsInState());
        await CheckAsync(desk, flow, context.RequestAborted);
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, EventWriter.Options);
        await foreach (var letter in desk.Store.ReadAsync(flow, context.RequestAborted))
        {
            if (!isInState(letter) || !filter.Fits(letter))
            {
                continue;
            }

            DeadLetterWriter.Write(writer, letter, withPayload: true);
            await writer.FlushAsync(context.RequestAborted);
            writer.Reset();
            context.Response.BodyWriter.Write("\n"u8);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }

    private static async Task<IReadOnlyList<string>> FlowsAsync(DeadLetterDesk desk, string? flow, CancellationToken cancellationToken)
    {
        if (flow is null)
        {
            return await desk.Store.OwnersAsync(cancellationToken);
        }

        await CheckAsync(desk, flow, cancellationToken);
        return [flow];
    }

    private static string NextOf(HttpRequest request, DeadLetterCursor next)
    {
        var query = request.Query.Where(q => q.Key != "cursor").SelectMany(q => q.Value, (q, value) => KeyValuePair.Create(q.Key, value));
        return "/api/v1/dead" + QueryString.Create(query.Append(KeyValuePair.Create<string, string?>("cursor", next.ToString())));
    }
}
