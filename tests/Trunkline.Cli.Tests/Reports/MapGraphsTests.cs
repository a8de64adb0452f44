using Trunkline.Cli.Reports;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Tests.Reports;

/// <summary>The map for drawing tools: their language is never that of a name.</summary>
public sealed class MapGraphsTests
{
    private const string Hostile = "x\"]; evil --> n0 \\ <b>#\u202e`";

    private static readonly MapView Map = new(
        DateTimeOffset.UnixEpoch,
        60,
        [
            new MapNode { Id = "topic:in", Kind = "topic", Name = "in", Figures = new MapFigures() },
            new MapNode { Id = "sink:a/b", Kind = "sink", Name = Hostile, Figures = new MapFigures() },
        ],
        [new MapEdge { Id = "topic:in->sink:a/b", From = "topic:in", To = "sink:a/b", Kind = "deliver", Figures = new MapFigures { PerSecond = 2.5, P99Ms = 1234, WaitP99Ms = 0.5 } }]);

    [Fact]
    public void Mermaid_has_a_line_for_each_node_and_edge()
    {
        var lines = MapGraphs.Mermaid(Map).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Equal("flowchart LR", lines[0]);
        Assert.Equal("  n0[(\"in\")]", lines[1]);
        Assert.StartsWith("  n1([\"sink x#quot;]; evil --#gt; n0 #92; #lt;b#gt;#35;", lines[2], StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', lines[2]);
        Assert.Equal("  n0 -->|\"deliver 2.5/s, p99 1.2 s, wait 0.5 ms\"| n1", lines[3]);
    }

    [Fact]
    public void Dot_has_a_line_for_each_node_and_edge()
    {
        var dot = MapGraphs.Dot(Map);
        Assert.Contains("n0 -> n1 [label=\"deliver 2.5/s, p99 1.2 s, wait 0.5 ms\"];", dot, StringComparison.Ordinal);
        Assert.Contains("label=\"sink x\\\"]; evil --> n0 \\\\ <b>#", dot, StringComparison.Ordinal);
    }
}
