using CsCheck;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Map;

namespace Trunkline.Cli.Tests.Dashboard;

/// <summary>Layouts of any graph: nothing on top of another, forward edges lead right, equal maps give equal pictures.</summary>
public sealed class MapLayoutTests
{
    private static readonly Gen<MapView> Maps = Gen.Select(Gen.Int[1, 12], Gen.Select(Gen.Int[0, 11], Gen.Int[0, 11]).Array[0, 30]).Select((count, pairs) => new MapView(
        DateTimeOffset.UnixEpoch,
        60,
        [.. Enumerable.Range(0, count).Select(i => new MapNode { Id = $"n{i}", Kind = "topic", Name = $"n{i}", Figures = new MapFigures() })],
        [
            .. pairs.Where(p => p.Item1 < count && p.Item2 < count).Distinct()
                .Select(p => new MapEdge { Id = $"n{p.Item1}->n{p.Item2}", From = $"n{p.Item1}", To = $"n{p.Item2}", Kind = "append", Figures = new MapFigures() }),
        ]));

    [Fact]
    public void Any_graph_is_laid_out()
    {
        Maps.Sample(map =>
        {
            var layout = MapLayout.Of(map);
            var places = map.Nodes.Select(n => layout[n.Id]).ToList();
            for (var i = 0; i < places.Count; i++)
            {
                Assert.InRange(places[i].X, 0, layout.Width - MapLayout.NodeWidth);
                Assert.InRange(places[i].Y, 0, layout.Height - MapLayout.NodeHeight);
                Assert.DoesNotContain(places.Skip(i + 1), p => Math.Abs(p.X - places[i].X) < MapLayout.NodeWidth && Math.Abs(p.Y - places[i].Y) < MapLayout.NodeHeight);
            }

            Assert.All(map.Edges.Where(e => !layout.IsBack(e)), e => Assert.True(layout[e.From].X < layout[e.To].X));
            var again = MapLayout.Of(map);
            Assert.Equal(map.Edges.Select(e => MapPath.Of(layout, e)), map.Edges.Select(e => MapPath.Of(again, e)));
        }, iter: 2000);
    }

    [Fact]
    public void A_graph_without_circles_has_no_edge_that_leads_back()
    {
        Maps.Sample(map =>
        {
            var forward = map with { Edges = [.. map.Edges.Where(e => int.Parse(e.From[1..], null) < int.Parse(e.To[1..], null))] };
            var layout = MapLayout.Of(forward);
            Assert.DoesNotContain(forward.Edges, layout.IsBack);
        });
    }

    [Fact]
    public void Two_hundred_flows_are_laid_out_too()
    {
        var nodes = Enumerable.Range(0, 401).Select(i => new MapNode { Id = $"n{i:000}", Kind = "flow", Name = $"n{i}", Figures = new MapFigures() }).ToList();
        var edges = Enumerable.Range(0, 400).Select(i => new MapEdge { Id = $"n{i:000}->n{i + 1:000}", From = $"n{i:000}", To = $"n{i + 1:000}", Kind = "append", Figures = new MapFigures() }).ToList();
        Assert.True(MapLayout.Of(new MapView(DateTimeOffset.UnixEpoch, 60, nodes, edges)).Width > 0);
    }
}
