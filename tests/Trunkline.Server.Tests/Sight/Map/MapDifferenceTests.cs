using Trunkline.Client.Api;
using Trunkline.Server.Releases;
using Trunkline.Server.Sight.Map;

namespace Trunkline.Server.Tests.Sight.Map;

public sealed class MapDifferenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_new_and_what_is_gone_are_both_there()
    {
        var map = MapDifference.Of(Map(Node("flow:a"), Node("flow:b")), Map(Node("flow:b"), Node("flow:c")), []);
        Assert.Equal([("flow:a", "new"), ("flow:b", "same"), ("flow:c", "gone")], map.Nodes.Select(n => (n.Id, n.Difference!.Kind)));
        Assert.Equal(new MapFigures(), map.Nodes[2].Figures);
        Assert.Equal(7, map.Nodes[2].Difference!.Was!.PerSecond);
        Assert.Equal(Now.AddHours(-1), map.Against);
    }

    [Theory]
    [InlineData(100, 120, "")]
    [InlineData(100, 140, "slower")]
    [InlineData(140, 100, "faster")]
    [InlineData(0.1, 0.9, "")]
    public void Times_differ_beyond_what_they_are_measured_with(double then, double now, string word) =>
        Assert.Equal(word.Length == 0 ? [] : [word], Words(new MapFigures { P99Ms = then }, new MapFigures { P99Ms = now }));

    [Fact]
    public void All_figures_are_compared_and_what_was_not_measured_is_not()
    {
        var few = new MapFigures { PerSecond = 1, ErrorShare = 0, WaitP99Ms = 10, LagSeconds = 0 };
        var many = new MapFigures { PerSecond = 9, ErrorShare = 0.2, WaitP99Ms = 90, LagSeconds = 60 };
        Assert.Equal(["waits longer", "fails more", "more traffic", "further behind"], Words(few, many));
        Assert.Equal(["waits less", "fails less", "less traffic", "less behind"], Words(many, few));
        Assert.Empty(Words(few, new MapFigures()));
    }

    [Fact]
    public void What_the_project_says_otherwise_is_marked_and_counts_as_a_difference()
    {
        var map = MapDifference.Of(Map(Node("flow:a"), Node("model:a")), Map(Node("flow:a"), Node("model:a")), [new PlanEntry(PlanAction.Change, "model", "a", ["kind: lexicon -> openai"])]);
        Assert.Null(map.Nodes[0].Changed);
        Assert.Equal(["kind: lexicon -> openai"], map.Nodes[1].Changed);
        Assert.Equal("changed", map.Nodes[1].Difference!.Kind);
    }

    private static IReadOnlyList<string> Words(MapFigures then, MapFigures now) =>
        MapDifference.Of(Map(Node("flow:a") with { Figures = now }), Map(Node("flow:a") with { Figures = then }), []).Nodes.Single().Difference!.Words;

    private static MapView Map(params MapNode[] nodes) => new(nodes.Any(n => n.Id == "flow:c") ? Now.AddHours(-1) : Now, 300, nodes, []);

    private static MapNode Node(string id) => new() { Id = id, Kind = id.Split(':')[0], Name = id, Figures = new MapFigures { PerSecond = 7 } };
}
