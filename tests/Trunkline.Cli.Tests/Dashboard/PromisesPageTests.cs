using Trunkline.Cli.Reports;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

/// <summary>Promises of a month, as a page and as a text to hand on.</summary>
public sealed class PromisesPageTests
{
    private const string Hostile = "a|b<script>alert(1)</script>\n## c";

    private static readonly DateTimeOffset Now = new(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);

    private static readonly PromiseView Broken = new()
    {
        Name = "quick",
        By = "desk",
        ToTenant = "acme",
        Slo = "triage.latency",
        Flow = "triage",
        Measure = "latency",
        Within = 30_000,
        Target = 0.99,
        Verdict = "broken",
        Due = 1000,
        Bad = 25,
        Good = 0.975,
        Spent = 2.5,
        Days = [new PromiseDay(Now.Date, 500, 25)],
        Hops = [new SloHopView("webhook-1", 25, 1)],
        Incidents = 2,
        RestoreSeconds = 83,
    };

    [Fact]
    public async Task A_promise_shows_who_owes_what_to_whom_and_the_days_it_was_not_kept()
    {
        var html = await RenderAsync(Broken);
        foreach (var shown in new[] { "desk owes tenant acme", "triage.latency", "99 % within 30 s", "97.5 %", "broken", "webhook-1: 25", "2026-02-10", "trunkline promises --month 2026-02 --markdown", "aria-current=\"page\">2026-02" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.Contains("promises: { quick-for-acme", await RenderAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_is_markdown_with_the_same_figures()
    {
        var text = PromiseReport.Markdown(new PromiseList("2026-02", Now, IsOver: false, [Broken]));
        foreach (var line in new[]
        {
            "# Promises in 2026-02, so far", "## quick: broken", "desk owes tenant acme `triage.latency`: 99 % of messages delivered within 30s.",
            "| 1,000 | 25 | 97.5 % | all, 2.5 times | 2 | 83s |", "Not good at webhook-1 (25).", "| 2026-02-10 | 500 | 25 | 95 % |",
        })
        {
            Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hostile_texts_stay_text()
    {
        var hostile = Broken with { Description = Hostile, ToTenant = Hostile };
        Assert.DoesNotContain("<script>", await RenderAsync(hostile), StringComparison.Ordinal);
        var text = PromiseReport.Markdown(new PromiseList("2026-02", Now, IsOver: true, [hostile]));
        Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\n## c", text, StringComparison.Ordinal);
        Assert.Contains("a\\|b", text, StringComparison.Ordinal);
    }

    private static Task<string> RenderAsync(params PromiseView[] promises) => Pages.RenderAsync<PromisesPage>(
        nameof(PromisesPage.Board),
        new PromiseBoard(Now, "2026-02", new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null), new Loaded<PromiseList>(new PromiseList("2026-02", Now, false, promises), null)));
}
