using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Hosting;
using Trunkline.Server.Replays;

namespace Trunkline.Server.Api;

/// <summary>Recorded messages run again, as jobs in the background: start, list, pause, resume, cancel. Each is a change that is kept.</summary>
internal static class ReplayEndpoints
{
    private const int PerSecondMax = 100_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/replays", List).WithName("listReplays").WithTags("replays").WithSummary("Lists replays and how far they are.").Requires(Scopes.Read);
        routes.MapGet("/api/v1/replays/{id}", Find).WithName("describeReplay").WithTags("replays").WithSummary("Shows a replay.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/replays", StartAsync).WithName("startReplay").WithTags("replays")
            .WithSummary("Runs recorded messages through a flow again, in the background.")
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity, ProblemTypes.Json).Requires(Scopes.Operate);
        Act(routes, "pause", (replays, id) => replays.PauseAsync(id));
        Act(routes, "resume", (replays, id) => replays.ResumeAsync(id));
        Act(routes, "cancel", (replays, id) => replays.CancelAsync(id));
    }

    private static void Act(IEndpointRouteBuilder routes, string what, Func<ReplayJobs, string, Task<ReplayView?>> act) =>
        routes.MapPost($"/api/v1/replays/{{id}}/{what}", async Task<Ok<ReplayView>> (string id, HttpContext context, [FromServices] NodeRuntime runtime) =>
        {
            var view = await act(runtime.Replays, id) ?? throw NotFound();
            await RecordAsync(context, runtime, $"replay-{what}", view);
            return TypedResults.Ok(view);
        }).WithName($"{what}Replay").WithTags("replays").WithSummary($"Replays: {what} one.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);

    private static Ok<ReplayList> List([FromServices] NodeRuntime runtime) => TypedResults.Ok(new ReplayList(runtime.Replays.Views));

    private static Ok<ReplayView> Find(string id, [FromServices] NodeRuntime runtime) => TypedResults.Ok(runtime.Replays.Find(id) ?? throw NotFound());

    private static async Task<Ok<ReplayView>> StartAsync(StartReplayRequest request, HttpContext context, [FromServices] NodeRuntime runtime)
    {
        EffectModes.Check(request.Effects, request.Stubs);
        if (request.PerSecond is < 1 or > PerSecondMax)
        {
            throw new ProblemException(ErrorCodes.RequestBodyInvalid, $"'perSecond' is 1 to {PerSecondMax}.");
        }

        var revision = request.Revision ?? runtime.Releases.Current;
        var flow = revision is > 0 and <= int.MaxValue && await runtime.ProjectOfAsync((int)revision, context.RequestAborted) is { } project
            ? project.Flows.GetValueOrDefault(request.Flow) ?? throw new ProblemException(ErrorCodes.FlowNotFound, "The revision has no flow of this name.")
            : throw new ProblemException(ErrorCodes.ReplayNotPossible, string.Create(CultureInfo.InvariantCulture, $"There is no revision {revision} that can be read."));
        var topic = request.Topic ?? (flow.From as TopicSourceConfig)?.Topic
            ?? throw new ProblemException(ErrorCodes.ReplayNotPossible, $"Flow '{flow.Name}' reads no topic: name the topic to take messages from.");
        TopicNames.Check(topic);
        var parts = await new ReplayRange(runtime.Broker, topic).ResolveAsync(request.From, request.To, context.RequestAborted);
        var plan = new ReplayPlan
        {
            Flow = flow.Name,
            Topic = topic,
            Revision = (int)revision,
            Key = request.Key,
            Aside = request.Aside,
            PerSecond = request.PerSecond ?? 1000,
            Effects = EffectModes.Parse(request.Effects) ?? EffectMode.Recorded,
            Stubs = request.Stubs ?? new Dictionary<string, System.Text.Json.JsonElement>(),
            Send = request.Send,
        };
        var view = await runtime.Replays.StartAsync(plan, parts, context.Caller().Name, context.RequestAborted)
            ?? throw new ProblemException(ErrorCodes.ReplayBusy, $"{ReplayJobs.RunningMax} replays run already.") { RetryAfter = TimeSpan.FromSeconds(10) };
        await RecordAsync(context, runtime, "replay-start", view);
        return TypedResults.Ok(view);
    }

    private static Task RecordAsync(HttpContext context, NodeRuntime runtime, string what, ReplayView view)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"{view.Id}: {view.State}, {view.Read} of {view.Total} messages of {view.Topic} on revision {view.Revision}");
        return context.RecordAsync(runtime.Releases.Changes, what, $"flow {view.Flow}", detail);
    }

    private static ProblemException NotFound() => new(ErrorCodes.ReplayNotFound, "It never was, or is older than those listed.");
}
