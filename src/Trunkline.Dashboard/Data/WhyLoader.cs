using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on suspects through the node's API.</summary>
internal sealed class WhyLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<WhyBoard> LoadAsync(string? flow, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var flows = await Loading.TryAsync(() => client.ListFlowsAsync(cancellationToken));
        var names = (flows.Value?.Flows ?? []).Select(f => f.Name).ToList();
        var asked = string.IsNullOrEmpty(flow) ? names.FirstOrDefault() : flow;
        var why = asked is null ? new Loaded<WhyView>(null, flows.Trouble) : await Loading.TryAsync(() => client.GetWhyAsync(asked, cancellationToken));
        return new WhyBoard(clock.GetUtcNow(), asked ?? "", names, await node, why);
    }
}

/// <summary>All that the page on suspects shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Flow">The flow that is asked about; empty if there is none.</param>
/// <param name="Flows">All flows.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Why">What was found.</param>
public sealed record WhyBoard(DateTimeOffset Now, string Flow, IReadOnlyList<string> Flows, Loaded<NodeView> Node, Loaded<WhyView> Why);
