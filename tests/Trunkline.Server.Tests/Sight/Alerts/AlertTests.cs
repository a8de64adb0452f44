using Trunkline.Server.Sight.Alerts;

namespace Trunkline.Server.Tests.Sight.Alerts;

/// <summary>Alerts are told once, together, again while nobody takes them on, and when they are over; a restart changes nothing of it.</summary>
public sealed class AlertTests
{
    private const string Team = "team: { webhook: \"URL\" }";

    private static readonly AlertCondition Behind = new("lag/triage/in", AlertRules.Lag, true, "triage", "in", "triage is 12m behind") { Owner = "desk" };
    private static readonly AlertCondition Dead = new("dead-letters/triage/in", AlertRules.DeadLetters, false, "triage", "in", "triage made 3 dead letters") { Owner = "desk" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_notice_says_what_since_when_where_whose_what_changed_before_and_what_to_do()
    {
        await using var fixture = await AlertFixture.StartAsync();
        var project = fixture.Project(Team);
        await fixture.Changes.WriteAsync(fixture.Changes.Entry("ada", "apply", "revision 7", ("6", "7"), null), Cancel);
        fixture.Clock.Advance(TimeSpan.FromMinutes(5));
        await fixture.Changes.WriteAsync(fixture.Changes.Entry("ada", "acknowledge", "alert x", (null, null), null), Cancel);
        var since = fixture.Clock.GetUtcNow().AddMinutes(-2);
        await fixture.SeeAsync(project, Behind with { Since = since, Detail = "41 messages wait" }, Dead);

        var notice = Assert.Single(fixture.Got());
        Assert.Equal(("firing", "[firing] 2 alerts of triage"), (notice.GetProperty("status").GetString(), notice.GetProperty("title").GetString()));
        var alert = notice.GetProperty("alerts").EnumerateArray().Single(a => a.GetProperty("rule").GetString() == "lag");
        Assert.Equal(since, alert.GetProperty("since").GetDateTimeOffset());
        Assert.Equal(
            ("page", "desk", "in", "revision 7", "https://wiki.example/desk"),
            (alert.GetProperty("severity").GetString(), alert.GetProperty("owner").GetString(), alert.GetProperty("hop").GetString(),
                alert.GetProperty("change").GetProperty("target").GetString(), alert.GetProperty("runbook").GetString()));
        Assert.Equal($"http://node.example:7420/alerts#alert-{alert.GetProperty("id").GetString()}", alert.GetProperty("link").GetString());
        Assert.Equal("http://node.example:7420/why?flow=triage", alert.GetProperty("why").GetString());
        foreach (var said in new[] { "triage is 12m behind", "More: 41 messages wait", "Owner: desk", "Change before: apply of revision 7 by ada", "Runbook: https://wiki.example/desk" })
        {
            Assert.Contains(said, notice.GetProperty("text").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_projects_first_revision_is_no_change_before_an_alert()
    {
        await using var fixture = await AlertFixture.StartAsync();
        await fixture.Changes.WriteAsync(fixture.Changes.Entry("file", "apply", "project", (null, "1"), null), Cancel);
        fixture.Clock.Advance(TimeSpan.FromMinutes(5));
        await fixture.SeeAsync(fixture.Project(Team), Behind with { Since = fixture.Clock.GetUtcNow() });
        Assert.DoesNotContain("Change before", Assert.Single(fixture.Got()).GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_told_is_not_told_again_before_its_time_also_after_a_restart_and_its_end_is_told_once()
    {
        await using var fixture = await AlertFixture.StartAsync();
        var project = fixture.Project(Team, "default: team, group: 30s, repeat: 1h");
        await fixture.SeeAsync(project, Behind);
        Assert.Empty(fixture.Got());
        fixture.Clock.Advance(TimeSpan.FromSeconds(31));
        await fixture.SeeAsync(project, Behind);
        await fixture.SeeAsync(project, Behind with { Summary = "triage is 13m behind" });
        fixture.Restart();
        await fixture.SeeAsync(project, Behind);
        Assert.Single(fixture.Got());

        fixture.Clock.Advance(TimeSpan.FromHours(1));
        await fixture.SeeAsync(project, Behind);
        Assert.Equal(2, fixture.Got().Count);

        // Seen no more: over after it has settled, and a short gap is no end.
        await fixture.SeeAsync(project);
        Assert.Equal(2, fixture.Got().Count);
        fixture.Clock.Advance(AlertDesk.Settles);
        await fixture.SeeAsync(project);
        fixture.Restart();
        await fixture.SeeAsync(project);
        Assert.Equal(["firing", "firing", "resolved"], fixture.Got().Select(n => n.GetProperty("status").GetString()));

        // The next of its kind is another incident.
        await fixture.SeeAsync(project, Behind);
        fixture.Clock.Advance(TimeSpan.FromSeconds(31));
        await fixture.SeeAsync(project, Behind);
        var ids = fixture.Got().Select(n => n.GetProperty("alerts")[0].GetProperty("id").GetString()).ToList();
        Assert.Equal((ids[0], 2), (ids[2], ids.Distinct().Count()));
    }

    [Fact]
    public async Task Who_takes_one_on_stops_its_repeats_and_a_page_nobody_takes_on_is_told_to_more()
    {
        await using var fixture = await AlertFixture.StartAsync();
        var project = fixture.Project(Team + ", duty: { pagerduty: { url: \"URL\", key: k1 } }", "default: team, group: 0s, repeat: 1h, escalate: { to: duty, after: 15m }");
        await fixture.SeeAsync(project, Behind, Dead);
        fixture.Clock.Advance(TimeSpan.FromMinutes(16));
        await fixture.SeeAsync(project, Behind, Dead);
        var trigger = fixture.Got()[1];
        Assert.Equal(("trigger", "k1", "critical"), (trigger.GetProperty("event_action").GetString(), trigger.GetProperty("routing_key").GetString(), trigger.GetProperty("payload").GetProperty("severity").GetString()));
        Assert.Equal(2, fixture.Got().Count);

        var id = trigger.GetProperty("dedup_key").GetString()!;
        Assert.Equal("bob", (await fixture.Desk.AcknowledgeAsync(id, "bob", Cancel))!.AcknowledgedBy);
        Assert.Equal("bob", (await fixture.Desk.AcknowledgeAsync(id, "eve", Cancel))!.AcknowledgedBy);
        Assert.Null(await fixture.Desk.AcknowledgeAsync("nobody", "eve", Cancel));
        fixture.Clock.Advance(TimeSpan.FromHours(2));
        await fixture.SeeAsync(project, Behind, Dead);
        Assert.Equal(["trigger", "acknowledge"], fixture.Got().Where(n => n.TryGetProperty("dedup_key", out _)).Select(n => n.GetProperty("event_action").GetString()));
        var repeated = fixture.Got().Last(n => n.TryGetProperty("alerts", out _));
        Assert.Equal("dead-letters", Assert.Single(repeated.GetProperty("alerts").EnumerateArray()).GetProperty("rule").GetString());

        fixture.Clock.Advance(AlertDesk.Settles);
        await fixture.SeeAsync(project);
        Assert.Equal("resolve", fixture.Got().Last(n => n.TryGetProperty("dedup_key", out _)).GetProperty("event_action").GetString());
        var owner = Assert.Single(AlertViews.Owners((await fixture.Desk.ReadAsync(Cancel)).Alerts));
        Assert.Equal(("desk", 2, true, true), (owner.Owner, owner.Incidents, owner.AcknowledgeSeconds is > 900 and < 1000, owner.RestoreSeconds is > 7200));
    }

    [Fact]
    public async Task Who_does_not_act_in_time_is_followed_by_the_next_and_how_it_went_is_told_by_week()
    {
        await using var fixture = await AlertFixture.StartAsync();
        var project = fixture.Project(Team + ", duty: { slack: \"URL\" }, boss: { slack: \"URL\" }", "default: team, group: 0s, escalate: [ { to: boss, after: 1h }, { to: duty, after: 15m } ]");
        await fixture.SeeAsync(project, Behind);
        foreach (var (after, told) in new[] { (14, 1), (2, 2), (30, 2), (15, 3) })
        {
            fixture.Clock.Advance(TimeSpan.FromMinutes(after));
            await fixture.SeeAsync(project, Behind);
            Assert.Equal(told, fixture.Got().Count);
        }

        fixture.Clock.Advance(AlertDesk.Settles);
        await fixture.SeeAsync(project);
        Assert.Equal(6, fixture.Got().Count);
        await fixture.SeeAsync(project, Dead with { Since = fixture.Clock.GetUtcNow().AddDays(-8) });
        var trend = Assert.Single(AlertViews.Trends((await fixture.Desk.ReadAsync(Cancel)).Alerts));
        Assert.Equal("desk", trend.Owner);
        Assert.Equal([(1, 0), (1, 1)], trend.Weeks.Select(w => (w.Incidents, w.Pages)));
        Assert.Equal(0, (trend.Weeks[1].Monday - trend.Weeks[0].Monday).TotalDays % 7);
        Assert.All(trend.Weeks, w => Assert.Equal(DayOfWeek.Monday, w.Monday.DayOfWeek));
    }

    [Fact]
    public async Task A_silence_tells_nobody_until_it_ends_and_an_owner_has_receivers_of_its_own()
    {
        await using var fixture = await AlertFixture.StartAsync();
        var project = fixture.Project(Team + ", duty: { slack: \"URL\" }");
        var silence = new Silence("s1", AlertRules.Lag, null, "lab", fixture.Clock.GetUtcNow().AddHours(1), "ada", "planned");
        Assert.True(await fixture.Desk.SilenceAsync(silence, Cancel));
        fixture.Restart();
        await fixture.SeeAsync(project, Behind with { Owner = "lab" });
        Assert.Empty(fixture.Got());
        fixture.Clock.Advance(TimeSpan.FromHours(1));
        await fixture.SeeAsync(project, Behind with { Owner = "lab" });
        Assert.Contains("triage is 12m behind", Assert.Single(fixture.Got()).GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.False(await fixture.Desk.UnsilenceAsync("s1", Cancel));
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_tried_again_later_and_one_that_refuses_is_not()
    {
        await using var fixture = await AlertFixture.StartAsync(number => number <= 2 ? 503 : number == 3 ? 200 : 400);
        var project = fixture.Project(Team);
        await fixture.SeeAsync(project, Behind);
        await fixture.SeeAsync(project, Behind);
        Assert.Single(fixture.Got());
        fixture.Clock.Advance(TimeSpan.FromSeconds(11));
        await fixture.SeeAsync(project, Behind);
        fixture.Clock.Advance(TimeSpan.FromSeconds(11));
        await fixture.SeeAsync(project, Behind);
        Assert.Equal(2, fixture.Got().Count);
        fixture.Clock.Advance(TimeSpan.FromSeconds(11));
        await fixture.SeeAsync(project, Behind);
        Assert.Equal(["lag"], (await fixture.Desk.ReadAsync(Cancel)).Alerts.Where(a => a.Told.ContainsKey("team")).Select(a => a.Condition.Rule));
        await fixture.SeeAsync(project, Behind, Dead);
        await fixture.SeeAsync(project, Behind, Dead);
        Assert.Equal(4, fixture.Got().Count);
    }

    [Fact]
    public async Task Lines_within_names_stay_in_their_line_and_more_troubles_than_fit_are_bounded()
    {
        await using var fixture = await AlertFixture.StartAsync();
        var project = fixture.Project(Team);
        await fixture.SeeAsync(project, Behind with { Summary = "a\r\nOwner: eve\u2028b" });
        Assert.Contains("a  Owner: eve b\n", fixture.Got()[0].GetProperty("text").GetString()!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        await fixture.Desk.SeeAsync([.. Enumerable.Range(0, AlertDesk.OpenMax + 50).Select(i => Dead with { Key = $"dead/{i}" })], Cancel);
        Assert.Equal(AlertDesk.OpenMax, (await fixture.Desk.ReadAsync(Cancel)).Alerts.Count);
    }
}
