using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class JourneyPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_way_tells_of_every_flow_when_how_long_and_what_came_of_it()
    {
        var html = await RenderAsync(
            new JourneyQuery("key", "it's ada"),
            new JourneyView(
            [
                Hop(0, "sort", "delivered") with { Topic = "in" },
                new JourneyHopView(1, null, Hop(1, "answer", "dead-lettered").Outcome with { AppendedAt = Now.AddMilliseconds(250), At = Now.AddSeconds(1), Cause = "step.model-timeout" }),
            ], Whole: false));
        foreach (var shown in new[] { "sort", "in/0/7", "?/0/7", "250 ms", "750 ms", "1 s in all", "step.model-timeout", "href=\"/dead?flow=answer\"", "32 flows", "trunkline journey --key 'it'\\''s ada'", "x=\"25\"" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text()
    {
        var hop = Hop(0, Hostile, "delivered");
        var outcome = hop.Outcome with { Id = Hostile, Key = Hostile, Models = [Hostile], Sinks = [new OutcomeSinkView(Hostile, Hostile, "pending", null, 0, Hostile)], Cause = Hostile };
        var html = await RenderAsync(new JourneyQuery("id", Hostile), new JourneyView([hop with { Outcome = outcome, Topic = Hostile }], true));
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_message_the_page_says_how_to_name_one_and_stands_still()
    {
        var html = await RenderAsync(JourneyQuery.Read("nonsense", null));
        Assert.Contains("webhook-id", html, StringComparison.Ordinal);
        Assert.DoesNotContain("dashboard.js", html, StringComparison.Ordinal);
    }

    private static JourneyHopView Hop(int depth, string flow, string state) => new(depth, null, new OutcomeView
    {
        Flow = flow,
        Id = "m1",
        State = state,
        Offset = 7,
        AppendedAt = Now,
        At = Now.AddMilliseconds(200),
    });

    private static Task<string> RenderAsync(JourneyQuery query, params JourneyView[] journeys)
    {
        var board = new JourneyBoard(
            Now, query, new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null), new Loaded<JourneyList>(new JourneyList(journeys), null));
        return Pages.RenderAsync<JourneyPage>(nameof(JourneyPage.Board), board);
    }
}
