using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class WhyPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Suspects_stand_with_their_evidence_and_where_it_is_seen()
    {
        var html = await RenderAsync("triage", "model reply: slower.", [new SuspectView("model reply", "slower", 90, [new EvidenceView("it takes 1 s", "/map")])], [new HopTimeView("model reply", "work", 0.9, 1000, 1500, 200, 300)]);
        foreach (var shown in new[] { "slower", "model reply", "it takes 1 s", "href=\"/map\"", "90 %", "trunkline why triage" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hostile_names_stay_text_and_nothing_is_said_to_be_nothing()
    {
        var html = await RenderAsync(Hostile, "", [new SuspectView(Hostile, "slower", 1, [new EvidenceView(Hostile, "/map")])], [new HopTimeView(Hostile, "work", 1, 1, 1, null, null)]);
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("Nothing stands out.", await RenderAsync("triage", "Nothing stands out.", [], []), StringComparison.Ordinal);
    }

    private static Task<string> RenderAsync(string flow, string summary, IReadOnlyList<SuspectView> suspects, IReadOnlyList<HopTimeView> times) => Pages.RenderAsync<WhyPage>(
        nameof(WhyPage.Board),
        new WhyBoard(
            Now,
            flow,
            [flow],
            new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null),
            new Loaded<WhyView>(new WhyView(flow, Now.AddMinutes(-5), Now, null, summary, suspects, times), null)));
}
