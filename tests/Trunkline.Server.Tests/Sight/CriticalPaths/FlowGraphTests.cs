using CsCheck;
using Trunkline.Server.Sight.CriticalPaths;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>Graphs of flows across topics: against every path there is, and by hand.</summary>
public sealed class FlowGraphTests
{
    // Up to eight segments; each may need earlier ones, and begin before they ended, as where clocks differ.
    private static readonly Gen<(int Length, int Gap, int Needs)[]> Drafts = Gen.Select(Gen.Int[0, 50], Gen.Int[-5, 20], Gen.Int[0, 255]).Array[1, 8];

    [Fact]
    public void Of_10000_random_graphs_the_replay_is_the_longest_of_all_paths_and_the_sections_are_a_partition()
    {
        Gen.Select(Drafts, Gen.Double[0, 2].Array[8]).Sample((drafts, factors) =>
        {
            var segments = Make(drafts);
            var graph = new FlowGraph(segments, segments[^1]);
            double Scale(FlowSegment segment) => factors[segments.IndexOf(segment)];
            Assert.Equal(graph.Length, graph.Replay(_ => 1));
            Assert.Equal(Ends(segments[^1], Scale).Max() - graph.Ingest, graph.Replay(Scale));
            Assert.Equal(graph.Delivered, Ends(segments[^1], _ => 1).Max());
            var sections = CriticalPath.Of(graph);
            Assert.Equal(graph.Length, sections.Sum(s => s.Length));
            Assert.All(sections.Zip(sections.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
            Assert.True(sections.Count == 0 || (sections[0].Start == graph.Ingest && sections[^1].End == graph.Delivered));
        }, iter: 10_000);
    }

    [Fact]
    public void Random_spans_always_give_a_graph_with_a_partition()
    {
        var span = Gen.Select(Gen.Int[-1, 6], Gen.Int[0, 60], Gen.Int[0, 40], Gen.Int[0, 3], Gen.Int[-1, 6]);
        span.Array[1, 7].Sample(drafts =>
        {
            var spans = drafts.Select((d, i) => new PathSpan($"{i}", d.Item1 < 0 ? null : $"{d.Item1}", $"o{i}", d.Item2, d.Item2 + d.Item3)
            {
                IsProducer = d.Item4 == 1,
                IsConsumer = d.Item4 == 2,
                Links = d.Item5 < 0 ? [] : [$"{d.Item5}"],
            }).ToList();
            if (FlowGraphBuilder.Of(spans) is { } graph)
            {
                Assert.Equal(graph.Length, CriticalPath.Of(graph).Sum(s => s.Length));
                Assert.Equal(graph.Length, graph.Replay(_ => 1));
            }
        }, iter: 10_000);
    }

    [Fact]
    public void A_way_over_two_topics_is_told_with_its_waits()
    {
        var graph = Way(chat: 600);
        Assert.Equal(
            [("send", SegmentKind.Work, 10L), ("in", SegmentKind.Queue, 40), ("first", SegmentKind.Work, 20), ("chat", SegmentKind.Work, 600), ("first", SegmentKind.Work, 30), ("mid", SegmentKind.Queue, 100), ("sink", SegmentKind.Work, 200)],
            CriticalPath.Of(graph).Select(s => (s.Owner, s.Kind, s.Length)));
        Assert.Equal(1000, graph.Length);
        Assert.Equal(700, graph.Replay(s => s.Owner == "chat" ? 0.5 : 1));
    }

    [Fact]
    public void A_faster_step_beside_a_slower_one_saves_only_until_the_other_bounds()
    {
        List<PathSpan> spans =
        [
            new("root", null, "root", 0, 100), new("a", "root", "a", 10, 90), new("b", "root", "b", 10, 60),
        ];
        var graph = FlowGraphBuilder.Of(spans)!;
        Assert.Equal(100, graph.Length);
        Assert.Equal(70, graph.Replay(s => s.Owner == "a" ? 0.5 : 1));
        Assert.Equal(100, graph.Replay(s => s.Owner == "b" ? 0 : 1));
    }

    [Fact]
    public void What_bounds_the_slow_is_told_apart_from_what_bounds_the_usual()
    {
        var flows = Enumerable.Range(0, 200).Select(i => Way(i < 196 ? 100 + i : 5000)).ToList();
        Assert.Equal("sink", FlowShares.Between(flows, 0.0, 0.1)[0].Owner);
        var slow = FlowShares.Between(flows, 0.985, 1);
        Assert.Equal(("chat", SegmentKind.Work), (slow[0].Owner, slow[0].Kind));
        Assert.Equal(1, slow.Sum(s => s.Share), 9);
        var whatIf = WhatIf.Of(flows, "chat", 0.5, 0.99, seed: 1);
        Assert.Equal((5400, 2900), (whatIf.Before, whatIf.After));
        Assert.InRange(whatIf.After, whatIf.Low, whatIf.High);
        Assert.Equal(whatIf, WhatIf.Of(flows, "chat", 0.5, 0.99, seed: 1));
    }

    [Fact]
    public void Circles_doubled_ids_and_times_that_run_backwards_are_left_out()
    {
        Assert.Null(FlowGraphBuilder.Of([]));
        Assert.Null(FlowGraphBuilder.Of([new PathSpan("a", "b", "o", 0, 9), new PathSpan("b", "a", "o", 0, 9), new PathSpan("c", null, "o", 9, 0)]));
        var graph = FlowGraphBuilder.Of([new PathSpan("a", null, "o", 0, 9), new PathSpan("a", null, "other", 0, 90)])!;
        Assert.Equal(9, graph.Length);
        var circle = new FlowSegment("x", "x", SegmentKind.Work, 0, 1);
        Assert.Throws<ArgumentException>(() => new FlowGraph([circle.Follows(circle)], circle));
    }

    private static FlowGraph Way(long chat) => FlowGraphBuilder.Of(
    [
        new("s", null, "send", 0, 10) { IsProducer = true },
        new("p", "s", "first", 50, 100 + chat) { IsConsumer = true, Links = ["s"], Topic = "in" },
        new("m", "p", "chat", 70, 70 + chat),
        new("k", "p", "sink", 200 + chat, 400 + chat) { IsConsumer = true, Links = ["p"], Topic = "mid" },
    ])!;

    private static List<FlowSegment> Make((int Length, int Gap, int Needs)[] drafts)
    {
        var segments = new List<FlowSegment>();
        foreach (var (length, gap, needs) in drafts)
        {
            var after = segments.Where((_, i) => (needs >> i & 1) == 1).ToList();
            var start = (after.Count == 0 ? 100 : after.Max(a => a.End)) + gap;
            var segment = new FlowSegment($"s{segments.Count}", $"o{segments.Count}", SegmentKind.Work, start, start + length);
            after.ForEach(a => segment.Follows(a));
            segments.Add(segment);
        }

        return segments;
    }

    /// <summary>The end of a segment over each path that leads to it.</summary>
    private static IEnumerable<long> Ends(FlowSegment segment, Func<FlowSegment, double> scale)
    {
        var length = (long)Math.Round(segment.Length * scale(segment), MidpointRounding.AwayFromZero);
        return segment.After.Count == 0
            ? [segment.Start + length]
            : segment.After.SelectMany(a => Ends(a, scale)).Select(end => end + FlowGraph.Between(segment) + length);
    }
}
