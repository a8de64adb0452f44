using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Api;

/// <summary>What an operator does to work that is under way: drain a flow, move a group.</summary>
internal static class OperateEndpoints
{
    private const int DrainMaxMs = 600_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/flows/{flow}/drain", DrainAsync).WithName("drainFlow").WithTags("flows")
            .WithSummary("Pauses a flow and waits until what it has in hand is through and its sinks have everything; it stays paused.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapPost("/api/v1/topics/{topic}/groups/{group}/reset", ResetAsync).WithName("resetGroup").WithTags("groups")
            .WithSummary("Moves a group; its members go on from the new place.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
    }

    private static async Task<Ok<DrainResult>> DrainAsync(
        string flow, HttpContext context, [FromServices] FlowSupervisor flows, [FromServices] ProjectReleases releases, int waitMs = 30_000)
    {
        if (waitMs is < 0 or > DrainMaxMs)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, string.Create(CultureInfo.InvariantCulture, $"waitMs is 0 to {DrainMaxMs}."));
        }

        if (!await flows.PauseAsync(flow, context.RequestAborted))
        {
            throw Lookups.NoFlow(flow);
        }

        await context.RecordAsync(releases.Changes, "drain", $"flow {flow}");
        var drained = await flows.DrainAsync(flow, TimeSpan.FromMilliseconds(waitMs), context.RequestAborted);
        return TypedResults.Ok(new DrainResult(drained.IsDone, drained.InFlight, drained.HeldBack, drained.Pending));
    }

    private static async Task<Ok<GroupView>> ResetAsync(
        string topic, string group, ResetGroupRequest request, HttpContext context, IBroker broker, [FromServices] ProjectReleases releases)
    {
        TopicNames.Check(topic);
        if (!TopicName.IsValid(group))
        {
            throw new ProblemException(ErrorCodes.GroupNameInvalid, "The group in the path breaks the rules for names.");
        }

        var partitions = (await broker.DescribeTopicAsync(topic, context.RequestAborted)).Partitions.Count;
        var before = await FindAsync(broker, topic, group, context.RequestAborted)
            ?? throw new ProblemException(ErrorCodes.GroupNotFound, "The topic has no group of this name.");
        var (target, to) = TargetOf(request, partitions);
        await broker.SeekAsync(topic, group, target, context.RequestAborted);
        var after = await FindAsync(broker, topic, group, context.RequestAborted) ?? before;
        await context.RecordAsync(releases.Changes, "reset-group", $"group {group} of topic {topic}", $"to {to}; it was at {PlacesOf(before)}");
        return TypedResults.Ok(TopicEndpoints.GroupOf(after));
    }

    private static async Task<GroupDescription?> FindAsync(IBroker broker, string topic, string group, CancellationToken cancellationToken) =>
        (await broker.DescribeGroupsAsync(topic, cancellationToken)).FirstOrDefault(g => g.Group == group);

    private static (SeekTarget Target, string Text) TargetOf(ResetGroupRequest request, int partitions) => request switch
    {
        { To: "earliest", Time: null, Offset: null } => (new SeekTarget.Earliest(), "earliest"),
        { To: "latest", Time: null, Offset: null } => (new SeekTarget.Latest(), "latest"),
        { To: null, Time: { } time, Offset: null } => (new SeekTarget.Time(time), time.ToString("O", CultureInfo.InvariantCulture)),
        { To: null, Time: null, Offset: { } offset } when offset >= 0 && (request.Partition ?? (partitions == 1 ? 0 : -1)) is { } partition && partition >= 0 && partition < partitions =>
            (new SeekTarget.Offset(partition, offset), string.Create(CultureInfo.InvariantCulture, $"{partition}/{offset}")),
        _ => throw new ProblemException(
            ErrorCodes.RequestParameterInvalid,
            string.Create(CultureInfo.InvariantCulture, $"Give one of: to (earliest or latest), time, or offset with a partition from 0 to {partitions - 1}.")),
    };

    /// <summary>Where the group was, so that it can be put back; of many partitions the first.</summary>
    private static string PlacesOf(GroupDescription group)
    {
        const int shown = 32;
        var places = group.Partitions.Take(shown).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Partition}/{p.Next?.ToString(CultureInfo.InvariantCulture) ?? "-"}"));
        return string.Join(' ', places) + (group.Partitions.Count > shown ? " …" : "");
    }
}
