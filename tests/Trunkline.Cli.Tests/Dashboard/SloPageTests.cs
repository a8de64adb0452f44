using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class SloPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_promise_shows_its_budget_its_burn_and_where_it_was_spent()
    {
        var html = await RenderAsync(Slo("triage.latency") with
        {
            State = "bad",
            Verdict = "burning",
            Due = 12_345,
            Bad = 100,
            Good = 0.99189,
            Spent = 0.811,
            Burns = [new SloBurnView(60, 5, 14.4, "page", 17.25, 20, true)],
            Hops = [new SloHopView("webhook-1", 90, 0.9), new SloHopView("in", 10, 0.1)],
        });
        foreach (var shown in new[] { "99 % delivered within 30 s over 30 d", "99.189 %", "18.9 %", "12,345", "17.25", "page: fires", "webhook-1: 90 (90 %)", "burning", "<meter", "trunkline slo" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_budget_spent_many_times_over_says_so_instead_of_a_negative_share()
    {
        var html = await RenderAsync(Slo("triage.latency") with { State = "bad", Verdict = "spent", Due = 10, Bad = 5, Good = 0.5, Spent = 47.61 });
        Assert.Contains("none, spent 47.6 ×", html, StringComparison.Ordinal);
        Assert.Contains("value=\"0\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text_and_an_empty_page_says_what_to_write()
    {
        var html = await RenderAsync(Slo(Hostile) with { Tenant = Hostile, Owner = Hostile, Hops = [new SloHopView(Hostile, 1, 1)] });
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        var empty = await RenderAsync();
        Assert.Contains("slo: { within: 30s", empty, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", empty, StringComparison.Ordinal);
    }

    private static SloView Slo(string name) => new() { Name = name, Flow = "triage", Measure = "latency", Within = 30_000, Target = 0.99, WindowDays = 30, State = "good", Verdict = "met", Burns = [] };

    private static Task<string> RenderAsync(params SloView[] slos) => Pages.RenderAsync<SloPage>(
        nameof(SloPage.Board),
        new SloBoard(Now, null, new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null), new Loaded<SloList>(new SloList(Now, slos), null)));
}
