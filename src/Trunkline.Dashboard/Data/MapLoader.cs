using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page with the map through the node's API.</summary>
internal sealed class MapLoader(TrunklineClient client, TimeProvider clock)
{
    public async Task<MapBoard> LoadAsync(string? find, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var map = Loading.TryAsync(() => client.GetMapAsync(cancellationToken));
        return new MapBoard(clock.GetUtcNow(), find ?? "", await node, await map);
    }
}

/// <summary>All that the page with the map shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Find">Only what has this in its name or owner, and its neighbours; empty for all.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Map">The map.</param>
public sealed record MapBoard(DateTimeOffset Now, string Find, Loaded<NodeView> Node, Loaded<MapView> Map)
{
    /// <summary>The part of the map that is asked for.</summary>
    public MapView? Shown => Map.Value is not { } map || Find.Length == 0 ? Map.Value : Around(map);

    private MapView Around(MapView map)
    {
        var found = map.Nodes.Where(n => Has(n.Name) || Has(n.Owner) || Has(n.Id) || (Find == "trouble" && n.State != "good")).Select(n => n.Id).ToHashSet(StringComparer.Ordinal);
        var edges = map.Edges.Where(e => found.Contains(e.From) || found.Contains(e.To)).ToList();
        var near = edges.SelectMany(e => new[] { e.From, e.To }).Concat(found).ToHashSet(StringComparer.Ordinal);
        return map with { Nodes = [.. map.Nodes.Where(n => near.Contains(n.Id))], Edges = edges };
    }

    private bool Has(string? text) => text?.Contains(Find, StringComparison.OrdinalIgnoreCase) == true;
}
