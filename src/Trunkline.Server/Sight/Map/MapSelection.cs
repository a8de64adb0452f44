using Trunkline.Client.Api;

namespace Trunkline.Server.Sight.Map;

/// <summary>The part of a map somebody asks for.</summary>
/// <param name="Find">Only what has this in its name, id or owner, and its neighbours; null for all.</param>
/// <param name="Owner">Only what belongs to this owner, and its neighbours; null for all.</param>
/// <param name="OnlyTrouble">Only what is not well, and its neighbours.</param>
/// <param name="Hidden">Kinds of nodes that are left out.</param>
/// <param name="Grouping">Whether all of an owner is drawn as one.</param>
internal sealed record MapSelection(string? Find, string? Owner, bool OnlyTrouble, IReadOnlySet<string> Hidden, MapGrouping Grouping)
{
    /// <summary>A map with more nodes than this is grouped, if that is left to it.</summary>
    public const int GroupedFrom = 60;

    /// <summary>The part of a map, told how much there is.</summary>
    public MapView Of(MapView map)
    {
        var part = map with { Total = map.Nodes.Count, Owners = [.. map.Nodes.Select(n => n.Owner).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] };
        part = Keep(part, node => !Hidden.Contains(node.Kind), withNeighbours: false);
        if (Owner is { } owner)
        {
            part = Keep(part, node => node.Owner == owner, withNeighbours: true);
        }

        if (Find is { Length: > 0 } find)
        {
            part = Keep(part, node => Has(node.Name, find) || Has(node.Id, find) || Has(node.Owner, find), withNeighbours: true);
        }

        if (OnlyTrouble)
        {
            part = Keep(part, node => node.State != "good", withNeighbours: true);
        }

        return Grouping == MapGrouping.Owner || (Grouping == MapGrouping.Auto && part.Nodes.Count > GroupedFrom) ? MapGroups.ByOwner(part) : part;
    }

    private static MapView Keep(MapView map, Func<MapNode, bool> wanted, bool withNeighbours)
    {
        var found = map.Nodes.Where(wanted).Select(n => n.Id).ToHashSet(StringComparer.Ordinal);
        var edges = map.Edges.Where(e => withNeighbours ? found.Contains(e.From) || found.Contains(e.To) : found.Contains(e.From) && found.Contains(e.To)).ToList();
        var shown = withNeighbours ? edges.SelectMany(e => new[] { e.From, e.To }).Concat(found).ToHashSet(StringComparer.Ordinal) : found;
        return map with { Nodes = [.. map.Nodes.Where(n => shown.Contains(n.Id))], Edges = edges };
    }

    private static bool Has(string? text, string find) => text?.Contains(find, StringComparison.OrdinalIgnoreCase) == true;
}

/// <summary>Whether all of an owner is drawn as one.</summary>
internal enum MapGrouping
{
    /// <summary>No.</summary>
    None,

    /// <summary>Yes.</summary>
    Owner,

    /// <summary>If there would be too much to read else.</summary>
    Auto,
}
