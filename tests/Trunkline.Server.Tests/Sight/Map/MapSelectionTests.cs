using Trunkline.Client.Api;
using Trunkline.Server.Sight.Map;

namespace Trunkline.Server.Tests.Sight.Map;

public sealed class MapSelectionTests
{
    private static readonly MapSelection All = new(null, null, false, new HashSet<string>(), MapGrouping.None);

    [Fact]
    public void What_is_found_comes_with_its_neighbours_and_the_whole_is_told()
    {
        var map = (All with { Find = "MOOD" }).Of(Way());
        Assert.Equal(["flow:sort", "model:mood"], map.Nodes.Select(n => n.Id).Order(StringComparer.Ordinal));
        Assert.Equal(4, map.Total);
        Assert.Equal(["care", "desk"], map.Owners!);
        Assert.Equal(["flow:sort", "topic:in", "topic:out"], (All with { Owner = "care" }).Of(Way()).Nodes.Where(n => n.Kind != "model").Select(n => n.Id).Order(StringComparer.Ordinal));
        Assert.Equal(3, (All with { Hidden = new HashSet<string> { "model" } }).Of(Way()).Nodes.Count);
        Assert.Equal(["topic:in", "flow:sort"], (All with { OnlyTrouble = true }).Of(Way()).Nodes.Select(n => n.Id));
    }

    [Fact]
    public void All_of_an_owner_is_one_node_and_what_passes_between_owners_one_hop()
    {
        var map = (All with { Grouping = MapGrouping.Owner }).Of(Way());
        Assert.Equal([("owner:care", 3, "good"), ("owner:desk", 1, "bad")], map.Nodes.Select(n => (n.Id, n.Members!.Value, n.State)));
        var hop = Assert.Single(map.Edges);
        Assert.Equal(("owner:desk", "owner:care", 2.0, 0.1), (hop.From, hop.To, hop.Figures.PerSecond!.Value, hop.Figures.ErrorShare!.Value));
        Assert.Contains("1 of 1 in trouble: in", map.Nodes[1].Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_of_two_hundred_flows_is_drawn_by_its_thirty_owners_unless_asked_otherwise()
    {
        var nodes = Enumerable.Range(0, 200).SelectMany(n => new[] { Node($"flow:f{n}", $"team-{n % 30}"), Node($"topic:t{n}", n % 3 == 0 ? $"team-{n % 30}" : null) });
        var edges = Enumerable.Range(0, 200).SelectMany(n => new[] { Edge($"topic:t{n}", $"flow:f{n}"), Edge($"flow:f{n}", $"topic:t{(n * 7 + 1) % 200}") });
        var map = new MapView(DateTimeOffset.UnixEpoch, 60, [.. nodes], [.. edges]);
        var auto = (All with { Grouping = MapGrouping.Auto }).Of(map);
        Assert.Equal((30, 400, 400), (auto.Nodes.Count, auto.Nodes.Sum(n => n.Members!.Value), auto.Total!.Value));
        Assert.Equal(400, All.Of(map).Nodes.Count);
        var part = (All with { Grouping = MapGrouping.Auto, Owner = "team-3" }).Of(map);
        Assert.InRange(part.Nodes.Count, 7, MapSelection.GroupedFrom);
        Assert.All(part.Nodes, n => Assert.Null(n.Members));
    }

    private static MapView Way() => new(
        DateTimeOffset.UnixEpoch,
        60,
        [Node("topic:in", "desk") with { State = "bad" }, Node("flow:sort", "care"), Node("model:mood", null), Node("topic:out", null)],
        [Edge("topic:in", "flow:sort"), Edge("flow:sort", "model:mood"), Edge("flow:sort", "topic:out")]);

    private static MapNode Node(string id, string? owner) => new() { Id = id, Kind = id.Split(':')[0], Name = id.Split(':')[1], Owner = owner, Figures = new MapFigures { PerSecond = 2 } };

    private static MapEdge Edge(string from, string to) => new() { Id = $"{from}->{to}", From = from, To = to, Kind = "consume", Figures = new MapFigures { PerSecond = 2, ErrorShare = 0.1 } };
}
