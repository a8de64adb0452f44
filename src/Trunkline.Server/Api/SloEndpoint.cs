using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Hosting;
using Trunkline.Server.Releases;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/slos</c>: what flows promise, and how their budgets stand.</summary>
internal static class SloEndpoint
{
    private const int ChangesMax = 10;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/slos", GetAsync)
        .WithName("listSlos").WithTags("sight")
        .WithSummary("What flows promise: shares of messages over rolling windows, error budgets, burn rates, and where and since which change they were spent.")
        .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Ok<SloList>> GetAsync(
        [FromServices] SloBook book, [FromServices] ProjectReleases releases, Node node, TimeProvider time, CancellationToken cancellationToken, string? flow = null)
    {
        if (flow is not null && !node.Project.Flows.ContainsKey(flow))
        {
            throw Lookups.NoFlow(flow);
        }

        var reports = (await book.ReportAsync(node.Project, cancellationToken)).Where(r => flow is null || r.Flow.Name == flow).ToList();
        var changes = reports.Count == 0 ? [] : (await releases.Changes.ReadAsync(ChangeLog.PageMax, null, cancellationToken)).Changes;
        var now = time.GetUtcNow();
        return TypedResults.Ok(new SloList(now, [.. reports.Select(report => View(report, changes, now))]));
    }

    private static SloView View(SloReport report, IReadOnlyList<Change> changes, DateTimeOffset now) => new()
    {
        Name = report.Objective.Name,
        Flow = report.Flow.Name,
        Owner = report.Flow.Owner,
        Tenant = report.Tenant,
        Description = report.Objective.Description,
        Measure = report.Objective.Measure.ToString().ToLowerInvariant(),
        Within = report.Flow.Slo?.Within?.TotalMilliseconds,
        Target = report.Objective.Target,
        WindowDays = report.Objective.Window.TotalDays,
        State = report.Verdict switch
        {
            SloVerdict.Burning when report.Burns.Any(b => b is { Fires: true, Rule.IsPage: true }) => "bad",
            SloVerdict.Burning or SloVerdict.Quiet => "warn",
            SloVerdict.Spent => "bad",
            _ => "good",
        },
        Verdict = report.Verdict == SloVerdict.NoTraffic ? "no-traffic" : report.Verdict.ToString().ToLowerInvariant(),
        Unit = report.Objective.Slices is null ? "messages" : "slices",
        SliceMinutes = report.Objective.Slices?.Length.TotalMinutes,
        CalendarFrom = report.Objective.Calendar?.At(now).From,
        Due = report.Due / Scale(report.Objective),
        Bad = Whole(report.Bad, report.Objective),
        Good = report.Good,
        GoodLow = report.Sure.Low,
        GoodHigh = report.Sure.High,
        Spent = report.Spent,
        EndsAt = report.EndsAt,
        LastAt = report.LastAt,
        Burns = [.. report.Burns.Select(b => new SloBurnView(
            b.Rule.Long.TotalMinutes, b.Rule.Short.TotalMinutes, Math.Round(b.Rule.Factor, 4), b.Rule.IsPage ? "page" : "ticket", b.Long, b.Short, b.Fires))],
        Hops = [.. report.BadByHop().ToList() is var hops ? hops.Select(h => new SloHopView(h.Hop, h.Bad, (double)h.Bad / hops.Sum(one => one.Bad))) : []],
        Changes = Changes(report, changes, now),
    };

    /// <summary>Counts of slices are in parts of them.</summary>
    public static int Scale(SloObjective objective) => objective.Slices is null ? 1 : SloSlicer.Scale;

    /// <summary>Rounded up: what is bad in part is not good.</summary>
    public static long Whole(long bad, SloObjective objective) => (bad + Scale(objective) - 1) / Scale(objective);

    private static List<SloChangeView> Changes(SloReport report, IReadOnlyList<Change> changes, DateTimeOffset now)
    {
        var views = new List<SloChangeView>();
        var until = now.AddMinutes(1);
        foreach (var change in changes.Where(c => c.At >= now - report.Objective.Window).Take(ChangesMax))
        {
            var (due, bad) = report.Between(change.At, until);
            views.Add(new SloChangeView(change.At, change.Who, change.What, change.Target, due / Scale(report.Objective), Whole(bad, report.Objective), report.Due == 0 ? null : bad / report.Budget));
            until = change.At;
        }

        return views;
    }
}
