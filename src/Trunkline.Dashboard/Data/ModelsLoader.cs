using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on models through the node's API.</summary>
internal sealed class ModelsLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<ModelsBoard> LoadAsync(CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var quality = Loading.TryAsync(() => client.GetModelQualityAsync(null, cancellationToken));
        return new ModelsBoard(clock.GetUtcNow(), await node, await quality);
    }
}

/// <summary>All that the page on models shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Quality">Per version.</param>
public sealed record ModelsBoard(DateTimeOffset Now, Loaded<NodeView> Node, Loaded<ModelQualityList> Quality);
