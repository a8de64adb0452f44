using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on one flow through the node's API.</summary>
internal sealed class FlowLoader(TrunklineClient client, TimeProvider clock)
{
    private const string FidelitySince = "24h";
    private const int ChangesShown = 10;

    public async Task<FlowBoard> LoadAsync(string name, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var flow = Loading.TryAsync(() => client.GetFlowAsync(name, cancellationToken));
        var fidelity = Loading.TryAsync(() => client.GetFidelityAsync(name, FidelitySince, cancellationToken));
        var changes = Loading.TryAsync(() => ChangesAsync(name, cancellationToken));
        return new FlowBoard(clock.GetUtcNow(), name, await node, await flow, await fidelity, await changes);
    }

    /// <summary>What was done to the flow, and the revisions that came into force: both may be why it does what it does.</summary>
    private async Task<IReadOnlyList<ChangeView>> ChangesAsync(string name, CancellationToken cancellationToken) =>
    [
        .. (await client.ListChangesAsync(ChangesLoader.ChangesMax, cancellationToken)).Changes
            .Where(change => change.Target.Split(':', '/').Contains(name, StringComparer.Ordinal) || change.What.StartsWith("apply", StringComparison.Ordinal))
            .Take(ChangesShown),
    ];
}

/// <summary>All that the page on one flow shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Name">The flow's name, as asked for.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Flow">The flow.</param>
/// <param name="Fidelity">Its fidelity of the last day.</param>
/// <param name="Changes">What changed at it, newest first.</param>
public sealed record FlowBoard(
    DateTimeOffset Now, string Name, Loaded<NodeView> Node, Loaded<FlowView> Flow, Loaded<FidelityList> Fidelity, Loaded<IReadOnlyList<ChangeView>> Changes);
