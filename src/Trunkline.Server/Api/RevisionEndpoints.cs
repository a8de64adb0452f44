using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Api;

/// <summary>Revisions: list, apply, go back.</summary>
internal static class RevisionEndpoints
{
    private const int RequestBytesMax = 16 * 1024 * 1024;
    private const int FilesMax = 256;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/revisions", List).WithName("listRevisions").WithTags("revisions").WithSummary("Lists revisions, newest first.")
            .Requires(Scopes.Read);
        routes.MapPost("/api/v1/revisions", ApplyAsync).WithName("applyRevision").WithTags("revisions")
            .WithSummary("Installs a project as a whole or not at all; with dryRun only shows what it would change.")
            .Produces<PlanView>().ProducesProblem(StatusCodes.Status409Conflict, ProblemTypes.Json).ProducesProblem(StatusCodes.Status422UnprocessableEntity, ProblemTypes.Json)
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).Requires(Scopes.Operate);
        routes.MapPost("/api/v1/revisions/{number:int}/activate", ActivateAsync).WithName("activateRevision").WithTags("revisions")
            .WithSummary("Puts a known revision in force.")
            .Produces<PlanView>().ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).ProducesProblem(StatusCodes.Status409Conflict, ProblemTypes.Json)
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).Requires(Scopes.Operate);
    }

    private static Ok<RevisionList> List([FromServices] ProjectReleases releases)
    {
        var current = releases.Current;
        return TypedResults.Ok(new RevisionList(
            current,
            [.. releases.Revisions.Reverse().Select(r => new RevisionView(r.Number, r.Hash, r.AppliedAt, r.AppliedBy, r.Number == current))]));
    }

    private static async Task ApplyAsync(ApplyRequest request, HttpContext context, [FromServices] ProjectReleases releases)
    {
        if (request.Files is not { Count: > 0 and <= FilesMax } || request.Main is null || request.Files.Any(f => f.Value is null))
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"'files' holds 1 to {FilesMax} texts by path, and 'main' names one of them.");
        }

        var outcome = await releases.ApplyAsync(
            new RevisionFiles(request.Main, request.Files), Request(context, (request.DryRun, request.Force), request.ExpectedRevision), context.RequestAborted);
        await AnswerAsync(context, outcome);
    }

    private static async Task ActivateAsync(int number, HttpContext context, [FromServices] ProjectReleases releases, ActivateRequest? request = null)
    {
        request ??= new ActivateRequest();
        var outcome = await releases.ActivateAsync(
            number, Request(context, (request.DryRun, request.Force), request.ExpectedRevision), context.RequestAborted);
        await AnswerAsync(context, outcome);
    }

    private static ReleaseRequest Request(HttpContext context, (bool DryRun, bool Force) how, long? expected) =>
        new(context.Caller().Name, how.DryRun, how.Force, expected is null ? null : (int)Math.Clamp(expected.Value, -1, int.MaxValue));

    private static Task AnswerAsync(HttpContext context, ReleaseOutcome outcome) => outcome switch
    {
        ReleaseOutcome.Planned planned => PlanAsync(context, View(planned.From, null, planned.Plan)),
        ReleaseOutcome.Done done => PlanAsync(context, View(done.From, done.To, done.Plan)),
        ReleaseOutcome.Unchanged same => PlanAsync(context, new PlanView(same.Revision, same.Revision, [])),
        ReleaseOutcome.Faulty faulty => ProblemWriter.WriteFaultsAsync(context, faulty.Faults),
        ReleaseOutcome.Refused refused => throw new ProblemException(ErrorCodes.ReleaseRefused, Reasons(refused.Plan)),
        ReleaseOutcome.Conflict conflict => throw new ProblemException(ErrorCodes.ReleaseConflict, $"Revision {conflict.Current} is in force."),
        ReleaseOutcome.NotFound missing => throw new ProblemException(ErrorCodes.ReleaseNotFound, string.Create(CultureInfo.InvariantCulture, $"The node knows no revision {missing.Number}.")),
        ReleaseOutcome.MadeInCode => throw new ProblemException(ErrorCodes.ReleaseMadeInCode, "Its project came from a host's code, not from files."),
        ReleaseOutcome.Failed failed => throw new ProblemException(ErrorCodes.ReleaseFailed, failed.Reason),
        _ => throw new InvalidOperationException($"Outcome {outcome.GetType().Name} has no answer."),
    };

    private static Task PlanAsync(HttpContext context, PlanView plan) => context.Response.WriteAsJsonAsync(plan, ApiJson.Default.PlanView, cancellationToken: context.RequestAborted);

    private static PlanView View(int from, int? to, ReleasePlan plan) =>
        new(from, to, [.. plan.Entries.Select(View)]) { Refusals = [.. plan.Refusals.Select(r => new PlanRefusalView(r.Kind, r.Name, r.Reason, r.CanForce))] };

    private static PlanChange View(PlanEntry entry) => new(
        entry.Action switch { PlanAction.Add => "add", PlanAction.Remove => "remove", _ => "change" },
        entry.Kind,
        entry.Name,
        entry.Details.Count == 0 ? null : string.Join("; ", entry.Details));

    private static string Reasons(ReleasePlan plan) =>
        string.Join(' ', plan.Refusals.Select(r => $"{r.Kind} '{r.Name}': {r.Reason}{(r.CanForce ? "" : " Cannot be forced.")}"));
}
