using Trunkline.Client.Api;

namespace Trunkline.Server.Sight.Map;

/// <summary>Draws all that belongs to an owner as one node, and what passes between owners as one hop.</summary>
internal static class MapGroups
{
    private const string Nobody = "nobody";
    private const int TroublesNamed = 3;

    /// <summary>The map of owners. What passes within one is not drawn.</summary>
    public static MapView ByOwner(MapView map)
    {
        var owners = OwnersOf(map);
        var groups = map.Nodes.GroupBy(n => owners[n.Id], StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(Group);
        var hops = map.Edges.Where(e => owners[e.From] != owners[e.To])
            .GroupBy(e => (From: IdOf(owners[e.From]), To: IdOf(owners[e.To])))
            .Select(g => Hop(g.Key.From, g.Key.To, [.. g])).OrderBy(e => e.Id, StringComparer.Ordinal);
        return map with { Nodes = [.. groups], Edges = [.. hops] };
    }

    /// <summary>Whose each node is. What has no owner of its own goes with a neighbour that has: a topic with who writes it, the rest with who uses it.</summary>
    private static Dictionary<string, string> OwnersOf(MapView map)
    {
        var known = map.Nodes.ToDictionary(n => n.Id, n => n.Owner, StringComparer.Ordinal);
        var near = map.Edges.Where(e => known[e.From] is not null && known[e.To] is null).Select(e => (Id: e.To, Owner: known[e.From]!))
            .Concat(map.Edges.Where(e => known[e.To] is not null && known[e.From] is null).Select(e => (Id: e.From, Owner: known[e.To]!)))
            .GroupBy(e => e.Id, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Owner, StringComparer.Ordinal);
        return known.ToDictionary(k => k.Key, k => k.Value ?? near.GetValueOrDefault(k.Key, Nobody), StringComparer.Ordinal);
    }

    private static string IdOf(string owner) => "owner:" + owner;

    private static MapNode Group(IGrouping<string, MapNode> of)
    {
        var ill = of.Where(n => n.State != "good").ToList();
        var flows = of.Where(n => n.Kind == "flow").Select(n => n.Figures).ToList();
        return new MapNode
        {
            Id = IdOf(of.Key),
            Kind = "owner",
            Name = of.Key,
            Owner = of.Key == Nobody ? null : of.Key,
            State = ill.Any(n => n.State == "bad") ? "bad" : ill.Count > 0 ? "warn" : "good",
            Trouble = ill.Count == 0 ? null : $"{ill.Count} of {of.Count()} in trouble: {string.Join(", ", ill.Take(TroublesNamed).Select(n => n.Name))}{(ill.Count > TroublesNamed ? ", …" : "")}",
            Members = of.Count(),
            Figures = new MapFigures
            {
                PerSecond = flows.Sum(f => f.PerSecond),
                LagMessages = flows.Sum(f => f.LagMessages),
                LagSeconds = flows.Max(f => f.LagSeconds),
                LagPerSecond = flows.Sum(f => f.LagPerSecond),
            },
            Difference = Difference([.. of.Select(n => n.Difference)]),
        };
    }

    private static MapEdge Hop(string from, string to, IReadOnlyList<MapEdge> of) => new()
    {
        Id = MapIds.Edge(from, to),
        From = from,
        To = to,
        Kind = "passes",
        Figures = new MapFigures
        {
            PerSecond = of.Sum(e => e.Figures.PerSecond),
            ErrorShare = Share(of),

            // Quantiles of several hops do not add up: the slowest is told.
            P99Ms = of.Max(e => e.Figures.P99Ms),
            WaitP99Ms = of.Max(e => e.Figures.WaitP99Ms),
        },
        Difference = Difference([.. of.Select(e => e.Difference)]),
    };

    private static double? Share(IReadOnlyList<MapEdge> of)
    {
        var measured = of.Where(e => e.Figures is { ErrorShare: not null, PerSecond: > 0 }).ToList();
        return measured.Count == 0 ? null : measured.Sum(e => e.Figures.ErrorShare!.Value * e.Figures.PerSecond!.Value) / measured.Sum(e => e.Figures.PerSecond!.Value);
    }

    private static MapDifferenceView? Difference(IReadOnlyList<MapDifferenceView?> of)
    {
        var known = of.OfType<MapDifferenceView>().ToList();
        var kinds = known.Select(d => d.Kind).Distinct(StringComparer.Ordinal).ToList();
        return known.Count == 0 ? null : new MapDifferenceView(kinds.Count == 1 ? kinds[0] : "changed", [.. known.SelectMany(d => d.Words).Distinct(StringComparer.Ordinal)], null);
    }
}
