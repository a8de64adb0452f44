using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on promises through the node's API.</summary>
internal sealed class PromiseLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<PromiseBoard> LoadAsync(string? month, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var promises = Loading.TryAsync(() => client.Slos.PromisesAsync(month, cancellationToken));
        return new PromiseBoard(clock.GetUtcNow(), month, await node, await promises);
    }
}

/// <summary>All that the page on promises shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Month">The month that is asked for; null for this one.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Promises">The promises.</param>
public sealed record PromiseBoard(DateTimeOffset Now, string? Month, Loaded<NodeView> Node, Loaded<PromiseList> Promises);
