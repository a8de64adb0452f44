using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Releases;
using Trunkline.Server.Sight.Alerts;

namespace Trunkline.Server.Api;

/// <summary>Alerts: which are on, which were, who takes one on, and what nobody is told of for a while.</summary>
internal static class AlertEndpoints
{
    private const int LimitMax = 2000;
    private const int WeeksMax = 52;
    private const int CommentMax = 500;
    private const int NameMax = 100;
    private static readonly TimeSpan ForMin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ForMax = TimeSpan.FromDays(30);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/alerts", ListAsync).WithName("listAlerts").WithTags("sight")
            .WithSummary("Alerts that are on and the latest that ended, each with its owner, hop and the change before it; silences; how incidents of owners went.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapGet("/api/v1/incidents", TrendsAsync).WithName("listIncidents").WithTags("sight")
            .WithSummary("How incidents of owners went, week by week: times to notice, to take on, to restore; and the incidents themselves.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/alerts/{id}/acknowledge", AcknowledgeAsync).WithName("acknowledgeAlert").WithTags("sight")
            .WithSummary("Takes an alert on: it is not told again until it is over.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapPost("/api/v1/silences", SilenceAsync).WithName("addSilence").WithTags("sight")
            .WithSummary("Tells nobody of alerts that fit, until an end.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapDelete("/api/v1/silences/{id}", UnsilenceAsync).WithName("endSilence").WithTags("sight").WithSummary("Ends a silence.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
    }

    private static async Task<Ok<AlertList>> ListAsync([FromServices] AlertDesk desk, Node node, TimeProvider time, CancellationToken cancellationToken, int limit = 100)
    {
        if (limit is < 1 or > LimitMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}.");
        }

        var (alerts, silences) = await desk.ReadAsync(cancellationToken);
        return TypedResults.Ok(new AlertList(
            time.GetUtcNow(),
            [.. alerts.Take(limit).Select(a => View(a, silences, node))],
            [.. silences.Select(View)],
            AlertViews.Owners(alerts)));
    }

    private static async Task<Ok<IncidentTrends>> TrendsAsync(
        [FromServices] AlertDesk desk, Node node, TimeProvider time, CancellationToken cancellationToken, int weeks = 8, string? owner = null)
    {
        if (weeks is < 1 or > WeeksMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"weeks is 1 to {WeeksMax}.");
        }

        var now = time.GetUtcNow();
        var mondays = Enumerable.Range(0, weeks).Select(back => AlertViews.MondayOf(now).AddDays(-7 * (weeks - 1 - back))).ToList();
        var (alerts, silences) = await desk.ReadAsync(cancellationToken);
        var told = alerts.Where(a => a.Since >= mondays[0] && (owner is null || (a.Condition.Owner ?? "") == owner)).OrderByDescending(a => a.Since).ToList();
        return TypedResults.Ok(new IncidentTrends(now, mondays, AlertViews.Trends(told), [.. told.Select(a => View(a, silences, node))]));
    }

    private static async Task<Ok<AlertView>> AcknowledgeAsync(
        string id, HttpContext context, [FromServices] AlertDesk desk, [FromServices] ProjectReleases releases, Node node, CancellationToken cancellationToken)
    {
        var alert = await desk.AcknowledgeAsync(id, context.Caller().Name, cancellationToken) ?? throw new ProblemException(ErrorCodes.AlertNotFound, "No alert of this id is on.");
        await context.RecordAsync(releases.Changes, "acknowledge", $"alert {alert.Condition.Key}");
        return TypedResults.Ok(View(alert, (await desk.ReadAsync(cancellationToken)).Silences, node));
    }

    private static async Task<Created<SilenceView>> SilenceAsync(
        SilenceRequest request, HttpContext context, [FromServices] AlertDesk desk, [FromServices] ProjectReleases releases, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var silence = new Silence(Guid.CreateVersion7(now).ToString("N"), request.Rule, request.Subject, request.Owner, now + Check(request), context.Caller().Name, request.Comment!);
        if (!await desk.SilenceAsync(silence, context.RequestAborted))
        {
            throw new ProblemException(ErrorCodes.SilenceInvalid, $"There are {AlertDesk.SilencesMax} silences in force.");
        }

        var what = string.Join(", ", new[] { ("rule", silence.Rule), ("subject", silence.Subject), ("owner", silence.Owner) }.Where(p => p.Item2 is not null).Select(p => $"{p.Item1} {p.Item2}"));
        await context.RecordAsync(releases.Changes, "silence", what, silence.Comment, silence.Until.ToString("O"));
        return TypedResults.Created($"/api/v1/silences/{silence.Id}", View(silence));
    }

    private static async Task<NoContent> UnsilenceAsync(string id, HttpContext context, [FromServices] AlertDesk desk, [FromServices] ProjectReleases releases)
    {
        if (!await desk.UnsilenceAsync(id, context.RequestAborted))
        {
            throw new ProblemException(ErrorCodes.AlertNotFound, "No silence of this id is in force.");
        }

        await context.RecordAsync(releases.Changes, "unsilence", $"silence {id}");
        return TypedResults.NoContent();
    }

    private static TimeSpan Check(SilenceRequest request)
    {
        var problem = request switch
        {
            _ when request.Rule is null && request.Subject is null && request.Owner is null => "name a rule, a subject or an owner at least",
            _ when request.Rule is { } rule && !AlertRules.All.Contains(rule) => $"rule is one of {string.Join(", ", AlertRules.All)}",
            _ when !IsName(request.Subject) || !IsName(request.Owner) => $"subject and owner are names of at most {NameMax} characters",
            _ when string.IsNullOrWhiteSpace(request.Comment) || request.Comment.Length > CommentMax || request.Comment.Any(char.IsControl) => $"comment says why, in 1 to {CommentMax} characters without control characters",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ProblemException(ErrorCodes.SilenceInvalid, problem + ".");
        }

        return request.For is { } text && DurationText.TryParse(text, out var span) && span >= ForMin && span <= ForMax
            ? span
            : throw new ProblemException(ErrorCodes.SilenceInvalid, $"for is a duration from {DurationText.Format(ForMin)} to {DurationText.Format(ForMax)}, such as 2h.");
    }

    private static bool IsName(string? name) => name is null || (name.Length is > 0 and <= NameMax && !name.Any(char.IsControl));

    private static AlertView View(AlertRecord alert, IReadOnlyList<Silence> silences, Node node) =>
        AlertViews.Of(alert, silences.Any(s => s.Covers(alert.Condition)), node.Project, node.Project.Alerts.Link ?? node.Address);

    private static SilenceView View(Silence silence) => new(silence.Id, silence.Rule, silence.Subject, silence.Owner, silence.Until, silence.By, silence.Comment);

}
