using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the pages on kept traces through the node's API.</summary>
internal sealed class TraceLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<TracesBoard> ListAsync(string? flow, string? message, string? service, bool failed, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var query = new TraceQuery { Flow = Given(flow), Message = Given(message), Service = Given(service), Failed = failed };
        var traces = await Loading.TryAsync(() => client.Traces.ListAsync(query, cancellationToken));
        return new TracesBoard(clock.GetUtcNow(), query, await node, traces);
    }

    public async Task<TraceBoard> LoadAsync(string trace, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var view = await Loading.TryAsync(() => client.Traces.GetAsync(trace, cancellationToken));
        return new TraceBoard(clock.GetUtcNow(), trace, await node, view);
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>Kept traces, read at one moment.</summary>
/// <param name="Now">When.</param>
/// <param name="Query">Which were asked for.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Traces">The traces.</param>
public sealed record TracesBoard(DateTimeOffset Now, TraceQuery Query, Loaded<NodeView> Node, Loaded<TraceList> Traces);

/// <summary>One trace, read at one moment.</summary>
/// <param name="Now">When.</param>
/// <param name="Trace">Its id.</param>
/// <param name="Node">What the node is.</param>
/// <param name="View">Its spans.</param>
public sealed record TraceBoard(DateTimeOffset Now, string Trace, Loaded<NodeView> Node, Loaded<TraceView> View);
