using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class AlertsPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_alert_leads_to_its_cause_and_its_deeds_show_their_commands()
    {
        var html = await RenderAsync(Alert("burning") with { Runbook = "https://wiki.example/x", Change = new ChangeView("c", Now.AddHours(-1), "ada", "apply", "revision 7", null, null, null) });
        foreach (var shown in new[] { "firing, page", "href=\"/slo?flow=triage\"", "https://wiki.example/x", "apply of revision 7 by ada", "trunkline alerts ack a1", "nobody was told", "10 min ago" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hostile_texts_stay_text_and_a_runbook_that_is_no_address_of_the_web_is_no_link()
    {
        var html = await RenderAsync(Alert(Hostile) with { Detail = Hostile, Subject = Hostile, Hop = Hostile, Owner = Hostile, Runbook = "javascript:alert(1)" }, Alert(Hostile) with { ResolvedAt = Now });
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"javascript", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_alerts_the_page_says_what_would_be_one() =>
        Assert.Contains("alerts: { receivers:", await RenderAsync(), StringComparison.Ordinal);

    private static AlertView Alert(string summary) => new()
    {
        Id = "a1",
        Key = "slo/triage.latency/",
        Rule = "slo",
        Severity = "page",
        State = "firing",
        Summary = summary,
        Subject = "triage",
        Hop = "in",
        Since = Now.AddMinutes(-10),
        DetectedAt = Now.AddMinutes(-9),
    };

    [Fact]
    public async Task How_incidents_went_stands_by_owner_and_week()
    {
        var monday = new DateTimeOffset(2026, 1, 26, 0, 0, 0, TimeSpan.Zero);
        var trends = new IncidentTrends(Now, [monday], [new OwnerTrend("desk", [new WeekOfIncidents(monday, 3, 2, 30, null, 600)])], []);
        var html = await Pages.RenderAsync<AlertsPage>(
            nameof(AlertsPage.Board),
            new AlertBoard(Now, new Loaded<NodeView>(null, null), new Loaded<AlertList>(new AlertList(Now, [], [], []), null)) { Trends = new Loaded<IncidentTrends>(trends, null) });
        foreach (var shown in new[] { "trunkline incidents", "2026-01-26", "desk", "10 min" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }
    }

    private static Task<string> RenderAsync(params AlertView[] alerts) => Pages.RenderAsync<AlertsPage>(
        nameof(AlertsPage.Board),
        new AlertBoard(
            Now,
            new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null),
            new Loaded<AlertList>(new AlertList(Now, alerts, [], alerts.Length == 0 ? [] : [new OwnerIncidents(Hostile, 1, 60, null, null)]), null)));
}
