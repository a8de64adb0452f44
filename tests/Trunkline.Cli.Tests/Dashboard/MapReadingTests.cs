using System.Text;
using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Map;

namespace Trunkline.Cli.Tests.Dashboard;

/// <summary>What those that look at the same map share: readings, layouts, and what is sent of them.</summary>
public sealed class MapReadingTests
{
    private readonly MapLayouts _layouts = new();

    [Fact]
    public void Who_saw_the_reading_before_is_sent_what_changed_and_all_such_the_same_bytes()
    {
        var first = Read(Map(1, "a", "b"), null);
        var second = Read(Map(2, "a", "b"), first);
        Assert.Equal(["n-a", "n-b"], PlacesOf(first.EventFor(null)));
        Assert.Equal(["n-a"], PlacesOf(second.EventFor(first.Writing)));
        Assert.True(second.EventFor(first.Writing).Equals(second.EventFor(first.Writing)));
        Assert.True(second.EventFor(second.Writing).IsEmpty);
        Assert.True(Read(Map(2, "a", "b"), second).EventFor(second.Writing).IsEmpty);
    }

    [Fact]
    public void Who_missed_readings_is_sent_what_changed_since()
    {
        var first = Read(Map(1, "a", "b"), null);
        var third = Read(Map(3, "a", "b"), Read(Map(2, "a", "b"), first));
        Assert.Equal(["n-a"], PlacesOf(third.EventFor(first.Writing)));
        Assert.Equal(3, third.Number);
    }

    [Fact]
    public void A_layout_is_kept_until_another_picture_is_to_be_drawn_whoever_asks_and_for_whatever_time()
    {
        var first = Read(Map(1, "a", "b"), null);
        var same = Read(Map(2, "a", "b"), first);
        var other = Read(Map(2, "a", "b", "c"), same);
        Assert.Same(first.Layout, same.Layout);
        Assert.Same(first.Layout, MapReading.Of(Map(3, "a", "b"), new MapQuestion { At = "1h" }, _layouts, null).Layout);
        Assert.NotSame(same.Layout, other.Layout);
        Assert.Equal(["n-a", "n-b", "n-c"], PlacesOf(other.EventFor(same.Writing)));
        Assert.False(Read(Map(0), other).EventFor(other.Writing).IsEmpty);
    }

    [Fact]
    public void Only_maps_of_the_same_nodes_and_hops_have_one_name_whatever_their_ids_hold()
    {
        MapView[] maps = [Map(0), Map(0, "ab"), Map(0, "a", "b"), Map(0, "a\nb"), Map(0, "a\n1 b"), Map(0, "a1 b"), Map(0, "a") with { Edges = [new MapEdge { Id = "b", From = "a", To = "a", Kind = "retry", Figures = new() }] }];
        Assert.Equal(maps.Length, maps.Select(MapWriting.LayoutOf).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>Topics, of which the first holds so many messages.</summary>
    private static MapView Map(int held, params string[] topics) => new(
        DateTimeOffset.UnixEpoch, 60, [.. topics.Select((t, i) => new MapNode { Id = t, Kind = "topic", Name = t, Figures = new MapFigures { Messages = i == 0 ? held : 0 } })], []);

    private MapReading Read(MapView map, MapReading? before) => MapReading.Of(map, new MapQuestion(), _layouts, before);

    private static IEnumerable<string> PlacesOf(ReadOnlyMemory<byte> news)
    {
        var text = Encoding.UTF8.GetString(news.Span);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        using var letter = JsonDocument.Parse(text[(text.IndexOf("data:", StringComparison.Ordinal) + 5)..]);
        return [.. letter.RootElement.GetProperty("places").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)];
    }
}
