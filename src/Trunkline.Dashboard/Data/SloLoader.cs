using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on SLOs through the node's API.</summary>
internal sealed class SloLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<SloBoard> LoadAsync(string? flow, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var slos = Loading.TryAsync(() => client.Slos.ListAsync(flow, cancellationToken));
        return new SloBoard(clock.GetUtcNow(), flow, await node, await slos);
    }
}

/// <summary>All that the page on SLOs shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Flow">The only flow that is asked for; null for all.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Slos">The SLOs.</param>
public sealed record SloBoard(DateTimeOffset Now, string? Flow, Loaded<NodeView> Node, Loaded<SloList> Slos);
