using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class FidelityPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly FidelityFigures Whole = new() { Due = 3, Fidelity = 1, Delivered = 1, Once = 1, InOrder = 1, InTime = 1, Intended = 1 };
    private static readonly FidelityFigures Flawed = Whole with { Due = 100_000, Doubled = 1, Fidelity = 0.99999, Once = 0.99999 };

    [Fact]
    public async Task Shares_are_told_per_flow_and_tenant_and_what_is_not_whole_does_not_look_whole()
    {
        var html = await RenderAsync(new FlowFidelity("answer", 30_000, Flawed, [new TenantFidelity("", Whole), new TenantFidelity("acme", Flawed)]));
        Assert.Contains("within 30 s", html, StringComparison.Ordinal);
        Assert.Contains("99.99 %", html, StringComparison.Ordinal);
        Assert.Contains("100.00 %", html, StringComparison.Ordinal);
        Assert.Contains("acme", html, StringComparison.Ordinal);
        Assert.Contains("aria-current=\"page\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_stay_text()
    {
        var html = await RenderAsync(new FlowFidelity(Hostile, null, Whole, [new TenantFidelity(Hostile, Whole)]));
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_outcomes_the_page_says_what_fidelity_is_and_how_to_promise_something()
    {
        var html = await RenderAsync();
        Assert.Contains("slo: { within: 30s }", html, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
    }

    private static Task<string> RenderAsync(params FlowFidelity[] flows)
    {
        var board = new FidelityBoard(
            Now,
            "24h",
            new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null),
            new Loaded<FidelityList>(new FidelityList(Now.AddDays(-1), Now, flows), null));
        return Pages.RenderAsync<FidelityPage>(nameof(FidelityPage.Board), board);
    }
}
