using Trunkline.Client.Api;
using Trunkline.Messaging;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map.Neighbours;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Tests.Sight.Map;

/// <summary>Services the node does not run, drawn from their spans; times are milliseconds.</summary>
public sealed class ServiceMapTests
{
    private readonly List<TraceSpan> _spans = [];

    [Fact]
    public void A_call_between_services_is_paired_by_its_parent_with_the_time_of_who_answers()
    {
        Span("shop", "a", null, SpanRole.Server, 0, 100);
        Span("shop", "b", "a", SpanRole.Client, 10, 60);
        Span("pay", "c", "b", SpanRole.Server, 20, 50, failed: true);
        var map = Draw();
        var edge = Assert.Single(map.Edges);
        Assert.Equal(("service:shop", "service:pay", "call"), (edge.From, edge.To, edge.Kind));
        Assert.Equal((1.0, 1.0, null), (edge.Figures.ErrorShare, edge.Figures.Coverage, edge.Figures.SkewMs));
        Assert.InRange(edge.Figures.P50Ms!.Value, 29.5, 30.5);
        Assert.Equal(("warn", "100 % of calls from service:shop failed"), (Node(map, "service:pay").State, Node(map, "service:pay").Trouble));
        Assert.Equal("good", Node(map, "service:shop").State);
    }

    [Fact]
    public void What_is_kept_of_services_is_drawn_as_it_was()
    {
        Span("shop", "a", null, SpanRole.Server, 0, 100);
        Span("shop", "b", "a", SpanRole.Client, 10, 60);
        Span("pay", "c", "b", SpanRole.Server, 20, 50, failed: true);
        Span("pay", "d", "c", SpanRole.Client, 25, 45, [("db.system.name", "postgresql"), ("db.namespace", "till|1")]);
        Span("shop", "e", "a", SpanRole.Producer, 50, 55, [("messaging.destination.name", "orders"), ("messaging.system", "kafka")]);
        Span("post", "f", "e", SpanRole.Consumer, 75, 90, [("messaging.destination.name", "orders"), ("messaging.system", "kafka")]);
        Span("post", "g", "gone", SpanRole.Server, 75, 90);
        var kept = new Dictionary<string, FigureValue>();
        ServiceMap.Keep(Empty, _spans, _ => true, (key, value) => kept.Add(KeptHops.NameOf(key), value));
        var slot = FigureCodec.Read(Stored(FigureCodec.Write(new FigureSlot(FigureSpan.Minute, DateTimeOffset.UnixEpoch, kept))));
        var (live, then) = (Draw(), ServiceMap.Add(Empty, new KeptHops([slot])));
        Assert.Equal(live.Edges.Select(e => (e.Id, e.Kind, e.Figures.ErrorShare, e.Figures.Coverage)), then.Edges.Select(e => (e.Id, e.Kind, e.Figures.ErrorShare, e.Figures.Coverage)));
        Assert.Equal(live.Nodes.Select(n => (n.Kind, n.Name, n.State, n.Trouble, n.Figures.Coverage)), then.Nodes.Select(n => (n.Kind, n.Name, n.State, n.Trouble, n.Figures.Coverage)));
        foreach (var (was, now) in then.Edges.Zip(live.Edges))
        {
            // Kept quantiles are off by 5 % at most.
            Assert.Equal(now.Figures.P50Ms is null, was.Figures.P50Ms is null);
            Assert.InRange(was.Figures.P50Ms ?? 1, (now.Figures.P50Ms ?? 1) * 0.94, (now.Figures.P50Ms ?? 1) * 1.06);
            Assert.InRange(was.Figures.WaitP50Ms ?? 1, (now.Figures.WaitP50Ms ?? 1) * 0.94, (now.Figures.WaitP50Ms ?? 1) * 1.06);
        }
    }

    [Fact]
    public void Only_what_ended_in_the_time_is_kept_of_it()
    {
        Span("shop", "b", null, SpanRole.Client, 10, 60);
        Span("pay", "c", "b", SpanRole.Server, 20, 50);
        Span("shop", "d", null, SpanRole.Client, 110, 160);
        Span("pay", "e", "d", SpanRole.Server, 120, 150);
        var kept = new List<(FigureKey Key, FigureValue Value)>();
        ServiceMap.Keep(Empty, _spans, s => s.Id is "c" or "b", (key, value) => kept.Add((key, value)));
        Assert.Equal([1L, 0L, 0L], kept.Single(k => k.Key.Instrument == ServiceFigures.Hop).Value.Counts);
    }

    [Fact]
    public void A_message_is_paired_by_its_link_first_and_passes_its_queue_with_the_wait_apart()
    {
        Span("shop", "a", null, SpanRole.Producer, 0, 10, [("messaging.destination.name", "orders"), ("messaging.system", "kafka")]);
        Span("other", "x", null, SpanRole.Producer, 0, 10, [("messaging.destination.name", "orders"), ("messaging.system", "kafka")], trace: "t2");
        Span("post", "b", "x", SpanRole.Consumer, 250, 300, [("messaging.destination.name", "orders"), ("messaging.system", "kafka")], trace: "t2", links: [new SpanRef("t1", "a")]);
        var map = Draw();
        Assert.Equal(["queue:kafka/orders->service:post", "service:other->queue:kafka/orders", "service:shop->queue:kafka/orders"], map.Edges.Select(e => e.Id));
        Assert.InRange(map.Edges[0].Figures.WaitP50Ms!.Value, 237, 243);
        Assert.Equal((0.0, 1.0), (Node(map, "service:other").Figures.Coverage, Node(map, "service:shop").Figures.Coverage));
    }

    [Fact]
    public void Without_link_and_parent_the_id_of_the_message_pairs_and_topics_of_the_node_are_its_own()
    {
        Span("shop", "a", null, SpanRole.Producer, 0, 10, [("messaging.destination.name", "in"), ("messaging.message.id", "m1")]);
        Span("post", "b", null, SpanRole.Consumer, 20, 30, [("messaging.destination.name", "in"), ("messaging.message.id", "m1")], trace: "t2");
        Assert.Equal(["service:shop->topic:in", "topic:in->service:post"], Draw().Edges.Select(e => e.Id));
    }

    [Fact]
    public void What_goes_through_the_node_joins_services_and_its_own_hops()
    {
        Span("shop", "a", null, SpanRole.Client, 0, 50);
        Span("trunkline", "b", "a", SpanRole.Producer, 5, 20, name: "send in");
        Span("trunkline", "c", "b", SpanRole.Client, 60, 90, name: "deliver hook");
        Span("crm", "d", "c", SpanRole.Server, 65, 85);
        Assert.Equal(["service:shop->topic:in", "sink:sort/hook->service:crm"], Draw().Edges.Select(e => e.Id));
    }

    [Fact]
    public void Halves_stay_with_their_share_and_the_likely_cause()
    {
        Span("pay", "a", "gone", SpanRole.Server, 0, 10);
        Span("pay", "b", "a", SpanRole.Client, 1, 9, [("server.address", "bank.example")]);
        Span("pay", "c", "a", SpanRole.Client, 1, 9, [("db.system.name", "postgresql"), ("db.namespace", "books")]);
        Span("pay", "d", "a", SpanRole.Client, 1, 9, [("gen_ai.request.model", "small"), ("gen_ai.provider.name", "openai")]);
        var map = Draw();
        Assert.Equal(
            ["service:pay->database:postgresql/books", "service:pay->external:bank.example", "service:pay->model:openai/small", "unknown:callers->service:pay"],
            map.Edges.Select(e => e.Id));
        var pay = Node(map, "service:pay");
        Assert.Equal((0.0, "warn"), (pay.Figures.Coverage, pay.State));
        Assert.Contains("2 of 2 hand-overs have one half only", pay.Trouble, StringComparison.Ordinal);
        Assert.Contains("samples other ones", pay.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void Clocks_that_differ_show_and_no_wait_is_cut_to_nothing()
    {
        // The clock of pay is 500 ms behind, that of post 200 ms.
        Span("shop", "a", null, SpanRole.Client, 1000, 1060);
        Span("pay", "b", "a", SpanRole.Server, 520, 540);
        Span("shop", "c", null, SpanRole.Producer, 1000, 1010, [("messaging.destination.name", "in")], trace: "t2");
        Span("post", "d", "c", SpanRole.Consumer, 830, 850, [("messaging.destination.name", "in")], trace: "t2");
        var map = Draw();
        Assert.Equal(-500, map.Edges.Single(e => e.To == "service:pay").Figures.SkewMs);
        Assert.Equal((-180.0, null), (map.Edges.Single(e => e.To == "service:post").Figures.SkewMs, map.Edges.Single(e => e.To == "service:post").Figures.WaitP50Ms));
        Assert.Contains("its clock is off by about -500 ms", Node(map, "service:pay").Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void Services_without_end_become_one_and_circles_and_repeats_do_no_harm()
    {
        for (var i = 0; i < ServiceMap.NodesMax + 100; i++)
        {
            Span($"s{i}", $"a{i}", null, SpanRole.Client, 0, 10);
            Span($"u{i}", $"b{i}", $"a{i}", SpanRole.Server, 1, 9);
        }

        Span("x", "p", "q", SpanRole.Server, 0, 1);
        Span("x", "q", "p", SpanRole.Server, 0, 1);
        Span("x", "q", "p", SpanRole.Server, 0, 1);
        Assert.True(Draw().Nodes.Count <= ServiceMap.NodesMax + 4);
    }

    private static MapView Empty { get; } = new(DateTimeOffset.UnixEpoch, 60, [Own("sink:sort/hook", "sink"), Own("topic:in", "topic")], []);

    private MapView Draw() => ServiceMap.Add(Empty, _spans);

    private static MapNode Own(string id, string kind) => new() { Id = id, Kind = kind, Name = id, Figures = new MapFigures() };

    private static StoredMessage Stored(ReadOnlyMemory<byte> payload) => new(new Message { ContentType = FigureCodec.ContentType, Payload = payload }, new Position(0, 0), DateTimeOffset.UnixEpoch);

    private static MapNode Node(MapView map, string id) => map.Nodes.Single(n => n.Id == id);

    private void Span(
        string service, string id, string? parent, SpanRole role, int start, int end, (string Key, string Value)[]? attributes = null, bool failed = false, string trace = "t1", SpanRef[]? links = null, string name = "x") =>
        _spans.Add(new TraceSpan
        {
            Trace = trace,
            Id = id,
            Parent = parent,
            Name = name,
            Role = role,
            Service = service,
            Start = start * 1_000_000L,
            End = end * 1_000_000L,
            Failed = failed,
            Attributes = [.. (attributes ?? []).Select(a => KeyValuePair.Create(a.Key, a.Value))],
            Links = links ?? [],
        });
}
