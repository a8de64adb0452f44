using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class LogsPageTests
{
    private const string Hostile = "\"><script>alert(1)</script>\u202e\u0007";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Lines_lead_to_their_message_and_trace_and_hostile_ones_stay_text()
    {
        var line = new LogLineView(Now, "warning", Hostile, Hostile) { Flow = "sort", Message = "m1" + Hostile, Trace = "aa" };
        var html = await RenderAsync(new LogQuestion { Flow = "sort", Level = "warning" }, new LogList([line], 17, 40));
        foreach (var shown in new[] { "/journey?by=id&value=m1", "/logs?trace=aa", "trunkline logs --flow sort --level warning", "/logs?flow=sort&level=warning&before=17" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', html);
        Assert.DoesNotContain('\u0007', html);
    }

    [Fact]
    public async Task Without_lines_it_says_what_logs_hold() =>
        Assert.Contains("never with a payload", await RenderAsync(new LogQuestion(), new LogList([], null, 0)), StringComparison.Ordinal);

    private static Task<string> RenderAsync(LogQuestion question, LogList logs)
    {
        var board = new LogBoard(Now, question, null, new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null), new Loaded<LogList>(logs, null));
        return Pages.RenderAsync<LogsPage>(nameof(LogsPage.Board), board);
    }
}
