using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.CriticalPaths;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>Ways of messages in spans as the node writes them; times are milliseconds.</summary>
public sealed class FlowWaysTests
{
    private readonly List<TraceSpan> _spans = [];

    [Fact]
    public void Work_waits_and_services_each_have_their_owner()
    {
        Span("shop", null, "checkout", 0, 30, SpanRole.Server, service: "shop");
        Span("send", "shop", "send in", 10, 14, SpanRole.Producer);
        Process("p", "send", 20, 60, "sort", "m1");
        Span("step", "p", "step infer-1", 22, 58);
        Span("ask", "step", "chat reply", 24, 56, SpanRole.Client, [(SpanNames.GenAiModel, "reply"), (SpanNames.ModelWait, "0.008")]);
        Process("sink", "p", 70, 90, "sort", "m1", [(SpanNames.Sink, "hook"), (SpanNames.Destination, "out")]);
        Span("deliver", "sink", "deliver hook", 72, 88, SpanRole.Client);
        Assert.Equal(
            [
                ("service.shop", "Work", 0, 10), ("publish", "Work", 10, 14), ("topic.in", "Queue", 14, 20), ("flow.sort", "Work", 20, 22), ("step.infer-1", "Work", 22, 24),
                ("wait.model.reply", "Work", 24, 32), ("model.reply", "Work", 32, 56), ("step.infer-1", "Work", 56, 58), ("flow.sort", "Work", 58, 60),
                ("topic.out", "Queue", 60, 70), ("sink.hook", "Work", 70, 72), ("sink.hook", "Work", 72, 88), ("sink.hook", "Work", 88, 90),
            ],
            Sections(Assert.Single(Ways("sort"))));
    }

    [Fact]
    public void A_later_try_follows_the_one_before_it()
    {
        Span("send", null, "send in", 0, 2, SpanRole.Producer);
        Process("p1", "send", 5, 10, "sort", "m1", [(SpanNames.Outcome, "failed")]);
        Process("p2", "send", 40, 50, "sort", "m1");
        Span("wait", "p2", "wait retry", 10, 40);
        Assert.Equal(
            [("publish", "Work", 0, 2), ("topic.in", "Queue", 2, 5), ("flow.sort", "Work", 5, 10), ("wait.retry", "Queue", 10, 40), ("flow.sort", "Work", 40, 50)],
            Sections(Assert.Single(Ways("sort"))));
    }

    [Fact]
    public void A_message_nobody_told_of_begins_at_its_append()
    {
        Process("p", null, 30, 40, "sort", "m1", [(SpanNames.QueueWait, "0.025")]);
        Assert.Equal([("topic.in", "Queue", 5, 30), ("flow.sort", "Work", 30, 40)], Sections(Assert.Single(Ways("sort"))));
    }

    [Fact]
    public void Each_message_of_a_batch_has_its_way_and_failed_and_filtered_ones_have_none()
    {
        Span("send", null, "send in", 0, 2, SpanRole.Producer);
        Process("a", "send", 5, 10, "sort", "m1");
        Process("b", "send", 10, 20, "sort", "m2");
        Process("c", "send", 20, 30, "sort", "m3", [(SpanNames.Outcome, "failed")]);
        Process("d", "send", 20, 30, "sort", "m4", [(SpanNames.Outcome, "filtered")]);
        Span("settle", null, "settle sort", 30, 35, SpanRole.Client, links: ["a", "b", "c", "d"]);
        var ways = Ways("sort");
        Assert.Equal([20, 10], ways.Select(w => w.Graph.Length / 1_000_000));
        Assert.All(ways, w => Assert.Equal(0, w.Graph.Ingest / 1_000_000));
    }

    [Fact]
    public void What_another_flow_did_before_has_its_name_and_circles_end()
    {
        Process("p1", "p2", 0, 10, "intake", "m0", links: ["p2"]);
        Process("p2", "p1", 20, 30, "sort", "m1", links: ["p1"]);
        Span("s", "p1", "step parse-1", 2, 8);
        Assert.Empty(Ways("sort"));
        _spans.Clear();
        Process("p1", null, 0, 10, "intake", "m0");
        Span("s", "p1", "step parse-1", 2, 8);
        Process("p2", "p1", 20, 30, "sort", "m1", links: ["p1"]);
        Assert.Equal(
            [("flow.intake", "Work", 0, 2), ("intake/step.parse-1", "Work", 2, 8), ("flow.intake", "Work", 8, 10), ("topic.in", "Queue", 10, 20), ("flow.sort", "Work", 20, 30)],
            Sections(Assert.Single(Ways("sort"))));
    }

    private List<FlowWay> Ways(string flow) => FlowWays.Of(flow, _spans, _ => true);

    private static IEnumerable<(string Owner, string Kind, int From, int To)> Sections(FlowWay way) =>
        CriticalPath.Of(way.Graph).Select(s => (s.Owner, s.Kind.ToString(), (int)(s.Start / 1_000_000), (int)(s.End / 1_000_000)));

    private void Process(string id, string? parent, int start, int end, string flow, string message, (string, string)[]? more = null, string[]? links = null) => Span(
        id, parent, "process in", start, end, SpanRole.Consumer,
        [.. more ?? [], (SpanNames.Flow, flow), (SpanNames.MessageId, message), (SpanNames.Destination, "in"), (SpanNames.Outcome, "delivered")], links: links ?? (parent is null ? [] : [parent]));

    private void Span(
        string id, string? parent, string name, int start, int end, SpanRole role = SpanRole.Internal, (string Key, string Value)[]? attributes = null, string service = KeptSpans.Service, string[]? links = null) =>
        _spans.Add(new TraceSpan
        {
            Trace = "t",
            Id = id,
            Parent = parent,
            Name = name,
            Role = role,
            Start = start * 1_000_000L,
            End = end * 1_000_000L,
            Service = service,
            Attributes = [.. (attributes ?? []).Select(a => KeyValuePair.Create(a.Key, a.Value))],
            Links = [.. (links ?? []).Select(l => new SpanRef("t", l))],
        });
}
