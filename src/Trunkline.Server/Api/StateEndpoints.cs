using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Hosting;
using Trunkline.Server.Releases;
using Trunkline.Server.State;

namespace Trunkline.Server.Api;

/// <summary>What flows remember by key: list, show one, forget one.</summary>
internal static class StateEndpoints
{
    private const int LimitMax = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/flows/{flow}/state", ReadAsync).WithName("readState").WithTags("flows")
            .WithSummary("Lists the keys a flow remembers something of; with key or keyBase64, shows what it remembers of that one.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapDelete("/api/v1/flows/{flow}/state", DropAsync).WithName("dropState").WithTags("flows")
            .WithSummary("Forgets what a flow remembers of a key, timers included, in order with its messages.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
    }

    private static async Task<Ok<KeyStateList>> ReadAsync(
        string flow, Node node, IBroker broker, HttpContext context, string? key = null, string? keyBase64 = null, string? prefix = null, int limit = 100)
    {
        if (limit is < 1 or > LimitMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}.");
        }

        var (store, partitions) = (FlowNames.FlowStore(flow), await PartitionsAsync(flow, node, broker, context.RequestAborted));
        if (KeyOf(key, keyBase64) is { } wanted)
        {
            var found = await StateListing.FindAsync(broker, store, Enumerable.Range(0, partitions), wanted, context.RequestAborted);
            return TypedResults.Ok(new KeyStateList(found is null ? [] : [View(found, withValue: true)]));
        }

        var listed = await StateListing.ReadAsync(broker, store, partitions, Encoding.UTF8.GetBytes(prefix ?? ""), limit, context.RequestAborted);
        return TypedResults.Ok(new KeyStateList([.. listed.Select(state => View(state, withValue: false))]));
    }

    private static async Task<Ok<DropStateResult>> DropAsync(
        string flow, HttpContext context, [FromServices] FlowSupervisor flows, [FromServices] ProjectReleases releases, string? key = null, string? keyBase64 = null)
    {
        var wanted = KeyOf(key, keyBase64) ?? throw new ProblemException(ErrorCodes.RequestParameterInvalid, "key or keyBase64 says which key.");
        var dropped = await flows.DropStateAsync(flow, wanted, context.RequestAborted) ?? throw Lookups.NoFlow(flow);
        if (dropped)
        {
            // The key may name a person: the change tells that one was dropped, not which.
            await context.RecordAsync(releases.Changes, "drop-state", $"flow {flow}");
        }

        return TypedResults.Ok(new DropStateResult(dropped));
    }

    private static async Task<int> PartitionsAsync(string flow, Node node, IBroker broker, CancellationToken cancellationToken)
    {
        var config = node.Project.Flow(flow);
        return config.From is TopicSourceConfig topic ? (await broker.DescribeTopicAsync(topic.Topic, cancellationToken)).Partitions.Count : 1;
    }

    private static MessageKey? KeyOf(string? key, string? keyBase64)
    {
        if (keyBase64 is null)
        {
            return key is null ? null : MessageKey.FromText(key);
        }

        var bytes = new byte[keyBase64.Length];
        return Convert.TryFromBase64String(keyBase64, bytes, out var length)
            ? new MessageKey(bytes.AsMemory(0, length))
            : throw new ProblemException(ErrorCodes.RequestParameterInvalid, "keyBase64 is not Base64.");
    }

    private static KeyStateView View(ListedState listed, bool withValue) => new()
    {
        Key = listed.Key.ToString(),
        KeyBase64 = Convert.ToBase64String(listed.Key.Bytes.Span),
        Partition = listed.Partition,
        Bytes = listed.State.Value.Length,
        Value = withValue && !listed.State.Value.IsEmpty ? JsonElement.Parse(listed.State.Value.Span) : null,
        ExpiresAt = listed.State.ExpiresAt,
        Timers = [.. listed.State.Timers.OrderBy(t => t.Due).Select(t => new KeyTimerView(t.Name, t.Due, t.SetBy.Id))],
    };
}
