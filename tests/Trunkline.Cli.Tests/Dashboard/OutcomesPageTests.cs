using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class OutcomesPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Outcomes_are_shown_with_share_and_cause_and_lead_to_their_messages()
    {
        var html = await RenderAsync(Board(new OutcomeAsked(), Counts("answer")));
        foreach (var shown in new[]
        {
            "href=\"/flows/answer\"", "dead-lettered", "step.failed", "25.00 %", "trunkline outcomes", "href=\"/outcomes?flow=answer&state=dead-lettered&cause=step.failed\"",
            "sink hook", "class=\"bad\" x=\"75\"", "href=\"/outcomes?fact=rated\"", "3.5",
        })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text_and_long_ones_are_cut()
    {
        var asked = new OutcomeAsked { Flow = "answer", State = Hostile, Cause = Hostile, Sink = Hostile, Fact = Hostile, Since = "7d" };
        var message = new OutcomeView { Flow = Hostile, Id = new string('x', 500), Key = Hostile, Tenant = Hostile, State = Hostile, Cause = Hostile, At = Now, AppendedAt = Now };
        var html = await RenderAsync(Board(asked, Counts(Hostile)) with
        {
            Messages = new Loaded<OutcomeList>(new OutcomeList([message]) { Before = 7 }, null),
            Facts = new Loaded<FactList>(new FactList([new OutcomeFactView { Fact = Hostile, Key = Hostile, Label = Hostile }], null), null),
        });
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", html, StringComparison.Ordinal);
        Assert.Contains("title=\"" + new string('x', 500) + "\">" + new string('x', 59) + "…", html, StringComparison.Ordinal);
        Assert.Contains("before=7", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_page_teaches_how_facts_are_told()
    {
        var html = await RenderAsync(Board(new OutcomeAsked(), new OutcomeCounts(Now, Now, [], [])));
        Assert.Contains("POST /api/v1/outcomes", html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_asked_for_is_in_the_address_and_in_the_command()
    {
        var asked = new OutcomeAsked { Flow = "a b", Since = "7d", State = "dead-lettered", Cause = "c", Before = 9 };
        Assert.Equal("/outcomes?flow=a%20b&since=7d&state=dead-lettered&cause=c&before=9", asked.Address);
        Assert.Equal("trunkline outcomes 'a b' --since 7d --state dead-lettered --cause c --before 9", asked.Command);
        var read = OutcomeAsked.Read(name => name switch { "flow" => "a b", "since" => "7d", "state" => "dead-lettered", "cause" => "c", "before" => "9", "sink" => " ", _ => null });
        Assert.Equal(asked, read);
        Assert.Equal(new OutcomeAsked(), OutcomeAsked.Read(name => name is "since" or "before" ? "nonsense" : null));
    }

    private static OutcomeCounts Counts(string flow) => new(
        Now, Now,
        [new FlowOutcomeCounts(flow, 8, [new OutcomeCount("delivered", 6, 0.75), new OutcomeCount("dead-lettered", 2, 0.25) { Cause = "step.failed" }, new OutcomeCount("dead-lettered", 1, 0.125) { Sink = "hook" }])],
        [new FactCount("rated", 2, 1, 3.5)]);

    private static OutcomeBoard Board(OutcomeAsked asked, OutcomeCounts counts) =>
        new(Now, asked, new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)) { Alerts = 2, Pages = 1 }, null), new Loaded<OutcomeCounts>(counts, null));

    private static Task<string> RenderAsync(OutcomeBoard board) => Pages.RenderAsync<OutcomesPage>(nameof(OutcomesPage.Board), board);
}
