using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map;
using Trunkline.Server.Sight.Map.Neighbours;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/map</c>: what runs, and what passes between.</summary>
internal static class MapEndpoint
{
    private const string Prefer = nameof(Prefer);

    private static readonly TimeSpan KeptFor = FigureStore.KeptFor(FigureSpan.Day);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/map", GetAsync)
        .WithName("getMap").WithTags("sight")
        .WithSummary("The map: topics, flows, models, sinks, dead letters and retries, with the figures of the last minutes on every hop; or as it was, or what is different from another time.")
        .WithDescription("A node an alert is about is in trouble, whatever its own figures. Queue wait stands apart from the time of work. Rates and times are over windowSeconds. A model several flows ask has its rate at the node only. "
            + "at and against are times (2026-01-31T12:00Z) or ages (2h): minutes are kept for 48 hours, hours for 30 days, days for 24 months. find, owner and only give a part with its neighbours, hide leaves kinds of nodes out, group=owner draws all of an owner as one. "
            + "With the header Prefer: omit-values=nulls what is not known is left out instead of written as null.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Results<Ok<MapView>, JsonHttpResult<MapView>>> GetAsync(
        [FromServices] MapReader maps, [FromServices] SeenServices services, [FromServices] AlertDesk desk, Node node, TimeProvider time, [AsParameters] MapParameters asked, HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        var (then, other, part) = (TimeOf(asked.At, "at", time), TimeOf(asked.Against, "against", time), PartOf(asked));
        var map = then is { } at
            ? await maps.AtAsync(at, cancellationToken)
            : await services.AddToAsync(AlertMarks.On(await maps.NowAsync(node.Project, cancellationToken), await desk.ReadOpenAsync(cancellationToken)), cancellationToken);
        return Written(part.Of(other is { } before ? await maps.AgainstAsync(map, before, cancellationToken) : map), context);
    }

    /// <summary>With every figure there could be, or on demand with those that are known: most are not.</summary>
    private static Results<Ok<MapView>, JsonHttpResult<MapView>> Written(MapView map, HttpContext context)
    {
        context.Response.Headers.Vary = Prefer;
        if (!context.Request.Headers[Prefer].ToString().Contains(MapQuestion.WithoutNulls, StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Ok(map);
        }

        context.Response.Headers["Preference-Applied"] = MapQuestion.WithoutNulls;
        return TypedResults.Json(map, ApiJson.Default.MapView);
    }

    private static MapSelection PartOf(MapParameters asked)
    {
        var hidden = (asked.Hide ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
        if (hidden.FirstOrDefault(kind => !MapQuestion.Kinds.Contains(kind)) is { } unknown)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"hide takes {string.Join(", ", MapQuestion.Kinds)}, not {Printable.Show(unknown, 40)}.");
        }

        if (asked.Only is not (null or "trouble"))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, "only takes trouble.");
        }

        return new MapSelection(asked.Find, asked.Owner, asked.Only is not null, hidden, asked.Group switch
        {
            null or "none" => MapGrouping.None,
            "owner" => MapGrouping.Owner,
            "auto" => MapGrouping.Auto,
            _ => throw new ProblemException(ErrorCodes.RequestParameterInvalid, "group takes owner, auto or none."),
        });
    }

    private static DateTimeOffset? TimeOf(string? text, string name, TimeProvider time)
    {
        if (text is null)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var at = DurationText.TryParse(text, out var age) && age <= KeptFor ? now - age
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var written) ? written : (DateTimeOffset?)null;
        return at <= now && at >= now - KeptFor
            ? at
            : throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"{name} is a time such as 2026-01-31T12:00Z or an age such as 2h, of the last {DurationText.Format(KeptFor)}.");
    }
}

/// <summary>What <c>GET /api/v1/map</c> may be asked.</summary>
internal sealed record MapParameters(string? At = null, string? Against = null, string? Find = null, string? Owner = null, string? Only = null, string? Hide = null, string? Group = null);
