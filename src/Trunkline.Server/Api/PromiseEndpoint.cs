using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/promises</c>: what teams owe each other and tenants, and how they kept it in a month.</summary>
internal static class PromiseEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/promises", GetAsync)
        .WithName("listPromises").WithTags("sight")
        .WithSummary("What teams owe each other and tenants, and how they kept it in a calendar month: by day, by hop, with the incidents of the flow.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Ok<PromiseList>> GetAsync(
        [FromServices] SloBook book, [FromServices] AlertDesk desk, Node node, TimeProvider time, CancellationToken cancellationToken, string? month = null)
    {
        var now = time.GetUtcNow();
        var asked = month is null ? CalendarMonth.Of(now)
            : CalendarMonth.Read(month) ?? throw new ProblemException(ErrorCodes.RequestParameterInvalid, "month is a year and a month, such as 2026-02.");
        var months = await book.PromisesAsync(node.Project, asked, cancellationToken);
        var incidents = (await desk.ReadAsync(cancellationToken)).Alerts.Where(a => a.Since >= asked.From && a.Since < asked.Until).ToList();
        return TypedResults.Ok(new PromiseList(asked.ToString(), now, asked.Until <= now, [.. months.Select(m => View(m, [.. incidents.Where(a => a.Condition.Subject == m.Flow.Name)], asked.Until <= now))]));
    }

    private static PromiseView View(PromiseMonth month, List<AlertRecord> incidents, bool isOver) => new()
    {
        Name = month.Promise.Name,
        Description = month.Promise.Description,
        By = month.Flow.Owner!,
        ToOwner = month.Promise.ToOwner,
        ToTenant = month.Promise.ToTenant,
        Slo = month.Objective.Name,
        Flow = month.Flow.Name,
        Measure = month.Objective.Measure.ToString().ToLowerInvariant(),
        Within = month.Flow.Slo?.Within?.TotalMilliseconds,
        Target = month.Objective.Target,
        Verdict = month.Spent switch
        {
            null => "no-traffic",
            > 1 => "broken",
            _ => isOver ? "kept" : "on-track",
        },
        Due = month.Due,
        Bad = month.Bad,
        Good = month.Due == 0 ? null : 1 - ((double)month.Bad / month.Due),
        Spent = month.Spent,
        Days = [.. month.Days.Select(d => new PromiseDay(d.Day, d.Due, d.Bad))],
        Hops = [.. month.Hops.Select(h => new SloHopView(h.Hop, h.Bad, (double)h.Bad / month.Hops.Sum(one => one.Bad)))],
        Incidents = incidents.Count,
        RestoreSeconds = AlertViews.Owners(incidents).Select(o => o.RestoreSeconds).FirstOrDefault(),
    };
}
