using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Faults;
using Trunkline.Server.Flows;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api;

/// <summary>Flows and models: list, describe, pause, resume.</summary>
internal static class FlowEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/flows", ListAsync).WithName("listFlows").WithTags("flows").WithSummary("Lists flows and how they do.").Requires(Scopes.Read);
        routes.MapGet("/api/v1/flows/{flow}", DescribeAsync).WithName("describeFlow").WithTags("flows").WithSummary("Describes a flow.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/flows/{flow}/pause", PauseAsync).WithName("pauseFlow").WithTags("flows").WithSummary("Lets a flow take no new messages.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapPost("/api/v1/flows/{flow}/resume", ResumeAsync).WithName("resumeFlow").WithTags("flows")
            .WithSummary("Lets a flow go on, also one that failed or that its policy stopped.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapGet("/api/v1/models", ListModels).WithName("listModels").WithTags("models").WithSummary("Lists models and which flows call them.").Requires(Scopes.Read);
    }

    private static async Task<Ok<FlowList>> ListAsync([FromServices] FlowSupervisor flows, Node node, [FromServices] FaultBoard faults, TimeProvider time, CancellationToken cancellationToken)
    {
        var snapshots = await flows.SnapshotAsync(cancellationToken);
        return TypedResults.Ok(new FlowList([.. snapshots.Select(s => FlowViews.Of(s, node.Project, time.GetUtcNow()) with { Faults = FaultsOf(faults, s.Name) })]));
    }

    private static async Task<Ok<FlowView>> DescribeAsync(
        string flow, [FromServices] NodeRuntime runtime, Node node, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(FlowViews.Of(await runtime.Flows.SnapshotAsync(flow, cancellationToken) ?? throw Lookups.NoFlow(flow), node.Project, time.GetUtcNow()) with
        {
            Faults = FaultsOf(runtime.Faults, flow),
        });

    private static IReadOnlyList<FaultInjectionView> FaultsOf(FaultBoard faults, string flow) =>
        [.. faults.Active.Where(rule => rule.Flow == flow).Select(FaultEndpoints.View)];

    private static async Task<Ok<FlowView>> PauseAsync(
        string flow, HttpContext context, [FromServices] NodeRuntime runtime, Node node, TimeProvider time)
    {
        if (!await runtime.Flows.PauseAsync(flow, context.RequestAborted))
        {
            throw Lookups.NoFlow(flow);
        }

        await context.RecordAsync(runtime.Releases.Changes, "pause", $"flow {flow}");
        return await DescribeAsync(flow, runtime, node, time, context.RequestAborted);
    }

    private static async Task<Ok<FlowView>> ResumeAsync(
        string flow, HttpContext context, [FromServices] NodeRuntime runtime, Node node, TimeProvider time)
    {
        if (!await runtime.Flows.ResumeAsync(flow, context.RequestAborted))
        {
            throw Lookups.NoFlow(flow);
        }

        await context.RecordAsync(runtime.Releases.Changes, "resume", $"flow {flow}");
        return await DescribeAsync(flow, runtime, node, time, context.RequestAborted);
    }

    private static Ok<ModelList> ListModels([FromServices] NodeRuntime runtime, Node node)
    {
        var project = node.Project;
        return TypedResults.Ok(new ModelList([.. project.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => new ModelView(
            m.Name,
            m.Kind,
            runtime.ModelVersions.GetValueOrDefault(m.Name),
            [.. project.Flows.Values.Where(f => FlowViews.Models(f).Contains(m.Name)).Select(f => f.Name).Order(StringComparer.Ordinal)]))]));
    }
}
