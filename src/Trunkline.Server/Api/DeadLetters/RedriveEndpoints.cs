using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Api.DeadLetters;

/// <summary>Redrives by filter: begin, look, cancel. They run in the background and go on after a restart.</summary>
internal static class RedriveEndpoints
{
    private const int RateMax = 1_000_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/dead/{flow}/redrives", BeginAsync)
            .WithName("beginRedrive").WithTags("dead letters").WithSummary("Begins to redrive all open dead letters of a flow that fit, in order, at a rate.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).ProducesProblem(StatusCodes.Status409Conflict, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapGet("/api/v1/redrives", List)
            .WithName("listRedrives").WithTags("dead letters").WithSummary("Lists redrives, newest first.").Requires(Scopes.Read);
        routes.MapGet("/api/v1/redrives/{id}", Show)
            .WithName("showRedrive").WithTags("dead letters").WithSummary("Shows a redrive with its progress.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/redrives/{id}/cancel", CancelAsync)
            .WithName("cancelRedrive").WithTags("dead letters").WithSummary("Ends a redrive; what is at work finishes.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
    }

    private static async Task<Ok<RedriveView>> BeginAsync(
        string flow, BeginRedriveRequest request, HttpContext context, [FromServices] DeadLetterDesk desk, [FromServices] RedriveJobs jobs)
    {
        if (request.Rate is < 1 or > RateMax)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"rate is 1 to {RateMax} messages a second.");
        }

        var filter = DeadLetterQuery.FilterOf(request.Selection);
        await DeadLetterEndpoints.CheckAsync(desk, flow, context.RequestAborted);
        return await jobs.BeginAsync(flow, filter, request.Rate, context.Caller().Name, context.RequestAborted) is { } job
            ? TypedResults.Ok(ViewOf(job))
            : throw new ProblemException(ErrorCodes.RedriveRunning, $"A redrive of flow {flow} runs.");
    }

    private static Ok<RedriveList> List([FromServices] RedriveJobs jobs) => TypedResults.Ok(new RedriveList([.. jobs.All.Select(ViewOf)]));

    private static Ok<RedriveView> Show(string id, [FromServices] RedriveJobs jobs) => TypedResults.Ok(ViewOf(jobs.Find(id) ?? throw NotFound()));

    private static async Task<Ok<RedriveView>> CancelAsync(string id, HttpContext context, [FromServices] RedriveJobs jobs, [FromServices] ProjectReleases releases)
    {
        var job = jobs.Find(id) ?? throw NotFound();
        if (await jobs.CancelAsync(id))
        {
            // How it ended is told under the name of who began it.
            await context.RecordAsync(releases.Changes, "redrive-cancel", $"dead letters of {job.Flow}", id);
        }

        return Show(id, jobs);
    }

    private static RedriveView ViewOf(RedriveJob job) => new()
    {
        Id = job.Id,
        Flow = job.Flow,
        State = job.State.ToString().ToLowerInvariant(),
        Reason = job.Reason,
        Selection = DeadLetterQuery.SelectionOf(job.Filter),
        Rate = job.Rate,
        Who = job.Who,
        At = job.At,
        EndedAt = job.EndedAt,
        Redriven = job.Redriven,
        FailedAgain = job.FailedAgain,
        Waiting = job.Waiting,
        Skipped = job.Skipped,
    };

    private static ProblemException NotFound() => new(ErrorCodes.RedriveNotFound, "The node knows no redrive of this id.");
}
