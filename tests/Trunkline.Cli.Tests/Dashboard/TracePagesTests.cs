using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class TracePagesTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static Loaded<NodeView> Node => new(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null);

    [Fact]
    public async Task Kept_traces_are_listed_and_each_leads_to_its_spans()
    {
        var html = await ListAsync(new TraceSummary(Trace, "send in", Now, 12.4, 3, true, true, ["shop", "trunkline"], ["triage"]));
        foreach (var shown in new[] { $"href=\"/traces/{Trace}\"", "send in", "12 ms", "shop, trunkline", "triage", "failed", "trunkline trace --flow" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.Contains("/v1/traces", await ListAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spans_stand_below_those_they_come_from_also_if_they_go_in_a_circle()
    {
        var html = await TraceAsync(Span("a", null, "first"), Span("b", "a", "second"), Span("c", "d", "third"), Span("d", "c", "fourth"));
        foreach (var shown in new[] { "depth-0\">first", "depth-1\">second", "depth-0\">third", "depth-1\">fourth", $"trunkline trace {Trace}" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_path_says_who_bounds_the_flow_and_what_half_of_it_would_do()
    {
        var html = await PathAsync(Path("model.reply"));
        foreach (var shown in new[] { "model.reply", "61.00 %", "85.00 %", "310 ms", "170 ms", "± 12 ms", "160 ms", "trunkline path triage --what-if model.reply=0.5", $"/traces/{Trace}", "topic.in" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.Contains("No delivered message left a whole trace", await PathAsync(null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text()
    {
        foreach (var html in new[]
        {
            await ListAsync(new TraceSummary(Trace, Hostile, Now, 1, 1, false, true, [Hostile], [Hostile])), await TraceAsync(Span("a", null, Hostile)), await PathAsync(Path(Hostile)),
        })
        {
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        }
    }

    private static Task<string> ListAsync(params TraceSummary[] traces) => Pages.RenderAsync<TracesPage>(
        nameof(TracesPage.Board), new TracesBoard(Now, new TraceQuery { Flow = "triage" }, Node, new Loaded<TraceList>(new TraceList(0.5, traces), null)));

    private static Task<string> TraceAsync(params SpanView[] spans) => Pages.RenderAsync<TracePage>(
        nameof(TracePage.Board), new TraceBoard(Now, Trace, Node, new Loaded<TraceView>(new TraceView(Trace, spans), null)));

    private static Task<string> PathAsync(PathView? path) => Pages.RenderAsync<PathPage>(
        nameof(PathPage.Board), new PathBoard(Now, "triage", ["triage"], Node, new Loaded<PathView>(path, null)) { Owner = "model.reply" });

    private static PathView Path(string owner) => new(
        "triage", 412, true, Now.AddHours(-1), Now, 41.2, 310, [new PathShareView(owner, "work", 0.61, 0.85)],
        [new PathExampleView(0.99, Trace, 310, [new PathSectionView("topic.in", "queue", 0, 10), new PathSectionView(owner, "work", 10, 300)])],
        [new WhatIfView(owner, 0.5, [new WhatIfQuantileView(0.99, 310, 170, 12, 160, 11)])]);

    private static SpanView Span(string id, string? parent, string name) =>
        new(Trace, id, parent, name, "internal", "shop", Now, 5, false, new Dictionary<string, string> { ["a"] = "b" }, []);
}
