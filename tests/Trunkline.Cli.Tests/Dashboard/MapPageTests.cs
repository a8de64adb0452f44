using System.Text.RegularExpressions;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Map;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed partial class MapPageTests
{
    private const string Hostile = "\"><script>alert(1)</script>\u202e\u0007";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_picture_and_the_table_show_the_same_and_nodes_lead_to_their_rows()
    {
        var html = await RenderAsync(Way());
        foreach (Match link in RowLink().Matches(html))
        {
            Assert.Contains($"id=\"{link.Groups[1].Value}\"", html, StringComparison.Ordinal);
        }

        Assert.Equal(4, RowLink().Count(html));
        Assert.Equal(6, HopLine().Count(html));
        Assert.Contains("2.5/s", html, StringComparison.Ordinal);
        Assert.Contains("lag 7, 12 s", html, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text_and_hide_nothing()
    {
        var html = await RenderAsync(new MapView(Now, 60, [Node("topic:" + Hostile, "topic", Hostile) with { Trouble = Hostile, State = "bad" }], []), Hostile[..3]);
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', html);
        Assert.DoesNotContain('\u0007', html);
    }

    [Fact]
    public async Task A_part_without_anything_leads_back_to_all_and_the_command_says_which_part()
    {
        var html = await RenderAsync(new MapView(Now, 60, [], []) { Total = 4, Owners = ["desk", Hostile] }, "nothing-like-this");
        Assert.Contains("none has nothing-like-this", html, StringComparison.Ordinal);
        Assert.Contains("trunkline map --find nothing-like-this", html, StringComparison.Ordinal);
        Assert.Contains("<option value=\"desk\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_differs_from_another_time_is_marked_in_the_picture_told_in_words_and_stands_beside_in_the_table()
    {
        var way = Way();
        var was = new MapFigures { PerSecond = 9, ErrorShare = 0.5, P99Ms = 1234, WaitP99Ms = 77 };
        var map = way with
        {
            Against = Now.AddHours(-1),
            AgainstWindowSeconds = 300,
            AgainstRevision = 4,
            Nodes = [way.Nodes[0] with { Difference = new("gone", [], was) }, way.Nodes[1] with { Difference = new("changed", [], was), Changed = ["retry.attempts: 5 -> 1"] }, .. way.Nodes.Skip(2)],
            Edges = [way.Edges[0] with { Difference = new("changed", ["slower", "fails more"], was) }, .. way.Edges.Skip(1)],
            Changes = [new ChangeView("c1", Now, Hostile, "apply", "project", "4", "5", null)],
        };
        var html = await RenderAsync(map);
        foreach (var shown in new[] { "is-gone", "is-changed", "slower, fails more", "1.2 s", "50 %", "retry.attempts: 5 -", "4 to 5 by", "revision 4", "2026-01-31T11:00:00Z" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_viewer_is_sent_what_changed_only_and_all_of_another_picture()
    {
        var (way, first) = (Way(), MapWriting.Of(Way()));
        Assert.Equal(10, first.Since(null, 1).Places.Count);
        Assert.Empty(first.Since(MapWriting.Of(way), 2).Places);
        var changed = MapWriting.Of(way with { Nodes = [way.Nodes[0] with { State = "bad", Trouble = Hostile }, .. way.Nodes.Skip(1)] });
        var (place, written) = Assert.Single(changed.Since(first, 3).Places);
        Assert.Equal(("n-topic_3a_in", "bad"), (place, written.State));
        Assert.DoesNotContain('\u202e', written.Title + written.Text);
        var less = MapWriting.Of(way with { Nodes = [.. way.Nodes.Skip(1)], Edges = [.. way.Edges.Where(e => e.From != "topic:in" && e.To != "topic:in")] });
        Assert.NotEqual(first.Layout, less.Layout);
        Assert.Equal(less.Places.Count, less.Since(first, 4).Places.Count);
    }

    [Fact]
    public async Task A_time_before_stands_still_and_its_fields_hold_it()
    {
        var question = new MapQuestion { At = "2026-01-31T10:00:00Z", Against = "2h" };
        var html = await RenderAsync(Way() with { WindowSeconds = 0 }, question);
        Assert.Contains("value=\"2026-01-31T10:00\"", html, StringComparison.Ordinal);
        Assert.Contains("nothing was kept of that time", html, StringComparison.Ordinal);
        Assert.DoesNotContain("dashboard.js", html, StringComparison.Ordinal);
        Assert.DoesNotContain(" held", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_anything_it_says_what_it_is_and_how_to_begin() =>
        Assert.Contains("trunkline init", await RenderAsync(new MapView(Now, 60, [], [])), StringComparison.Ordinal);

    private static MapView Way() => new(
        Now,
        60,
        [Node("topic:in", "topic", "in"), Node("flow:sort", "flow", "sort") with { Figures = new MapFigures { LagMessages = 7, LagSeconds = 12, PerSecond = 1 } }, Node("model:mood", "model", "mood"), Node("topic:out", "topic", "out")],
        [Edge("topic:in", "flow:sort", "consume"), Edge("flow:sort", "model:mood", "infer"), Edge("flow:sort", "topic:out", "append"), Edge("flow:sort", "flow:sort", "retry"), Edge("topic:out", "topic:in", "append"), Edge("topic:in", "topic:out", "append")]);

    private static MapNode Node(string id, string kind, string name) => new() { Id = id, Kind = kind, Name = name, Figures = new MapFigures() };

    private static MapEdge Edge(string from, string to, string kind) =>
        new() { Id = $"{from}->{to}", From = from, To = to, Kind = kind, Figures = new MapFigures { PerSecond = 2.5, P50Ms = 1, P95Ms = 2, P99Ms = 3 } };

    private static Task<string> RenderAsync(MapView map, string? find = null) => RenderAsync(map, new MapQuestion { Find = find });

    private static Task<string> RenderAsync(MapView map, MapQuestion question)
    {
        var board = new MapBoard(Now, question, new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null), new Loaded<MapView>(map, null)) { Reading = MapReading.Of(map, question, new MapLayouts(), null) };
        return Pages.RenderAsync<MapPage>(nameof(MapPage.Board), board);
    }

    [GeneratedRegex("href=\"#(row-[^\"]+)\"")]
    private static partial Regex RowLink();

    [GeneratedRegex("marker-end=")]
    private static partial Regex HopLine();
}
