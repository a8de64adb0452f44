using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Hosting;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/slos/test</c>: what alerts on SLOs would have done in a past time.</summary>
internal static class SloTestEndpoint
{
    private const int LeastMax = 1_000_000;
    private static readonly TimeSpan SinceMin = TimeSpan.FromHours(1);

    // Minutes are kept for 48 hours, whole ones for an hour less; then a rule wants some before the first.
    private static readonly TimeSpan SinceMax = TimeSpan.FromHours(46);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/slos/test", GetAsync)
        .WithName("testSlos").WithTags("sight")
        .WithSummary("Replays kept minutes through the alerts on SLOs, with the numbers in force or others: when they would have been on, how long, and whether it was worth it.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Ok<SloTestList>> GetAsync(
        [FromServices] SloBook book, Node node, TimeProvider time, CancellationToken cancellationToken,
        string? flow = null, string since = "24h", string? target = null, string? window = null, int? least = null)
    {
        if (flow is not null && !node.Project.Flows.ContainsKey(flow))
        {
            throw Lookups.NoFlow(flow);
        }

        if (!DurationText.TryParse(since, out var span) || span < SinceMin || span > SinceMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"since is a duration from {DurationText.Format(SinceMin)} to {DurationText.Format(SinceMax)}, such as 24h.");
        }

        var now = time.GetUtcNow();
        var (share, length) = (Target(target), Window(window));
        var tried = node.Project.Flows.Values.Where(f => f.Slo is not null && (flow is null || f.Name == flow)).Select(f => With(f, share, length, Least(least)));
        var trials = await book.ReplayAsync(node.Project, [.. tried], now - span, cancellationToken);
        return TypedResults.Ok(new SloTestList(now - span, now, [.. trials.Select(View)]));
    }

    private static FlowConfig With(FlowConfig flow, double? target, TimeSpan? window, int? least) => flow with
    {
        Slo = flow.Slo! with
        {
            Least = least ?? flow.Slo.Least,
            Objectives = [.. flow.Slo.Objectives.Select(o => o with { Target = target ?? o.Target, Window = window ?? o.Window })],
        },
    };

    private static double? Target(string? text) => text is null ? null
        : SloGrammar.ReadTarget(text) is { Problem: null } reading ? reading.Value
        : throw new ProblemException(ErrorCodes.RequestParameterInvalid, "target is a share from 50% to 99.999%, such as 99.5%.");

    private static TimeSpan? Window(string? text) => text is null ? null
        : DurationText.TryParse(text, out var window) && window >= SloGrammar.WindowMin && window <= SloGrammar.WindowMax ? window
        : throw new ProblemException(ErrorCodes.RequestParameterInvalid, "window is a duration from 1d to 366d.");

    private static int? Least(int? least) => least is null or (>= 1 and <= LeastMax) ? least : throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"least is 1 to {LeastMax}.");

    private static SloTestView View(SloTrial trial) => new(
        trial.Objective.Name,
        trial.Flow.Name,
        trial.Tenant,
        trial.Objective.Target,
        trial.Objective.Window.TotalDays,
        trial.Flow.Slo!.Least,
        trial.Due / SloEndpoint.Scale(trial.Objective),
        SloEndpoint.Whole(trial.Bad, trial.Objective),
        [.. trial.Firings.Select(f => new SloFiringView(
            f.From, f.Until, f.Began, f.IsPage ? "page" : "ticket", f.Rule.Long.TotalMinutes, Math.Round(f.Rule.Factor, 4), f.Due / SloEndpoint.Scale(trial.Objective), SloEndpoint.Whole(f.Bad, trial.Objective), f.Spent, f.IsRight))],
        trial.Precision,
        trial.SpentSilently);
}
