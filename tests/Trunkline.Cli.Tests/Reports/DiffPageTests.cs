using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Tests.Reports;

public sealed class DiffPageTests
{
    [Fact]
    public void The_page_needs_nothing_else_and_no_text_of_a_message_becomes_markup()
    {
        var flow = new ComparisonView("tri<b>age", 40, 2, 1, 0, [new MoveView("a", "<script>alert(1)</script>", 2, [new MoveExampleView("<i>", 0, 7)])], false)
        {
            Verdict = ComparisonVerdicts.Differs,
            MovedShare = new ShareView(0.05, 0.01, 0.17),
            Sinks = [new PlaceCountView("a", 40, 40, 38), new PlaceCountView("b", 0, 0, 2)],
            Fields = [new FieldDiffView("x\"y", 1, 0, ComparisonVerdicts.Differs, null) { Examples = [new FieldExampleView("m", 0, 1, "<u>", "\u001b[2J")] }],
            Scores = [new FieldDiffView("spam: p", 0, 0, ComparisonVerdicts.Same, null) { Numbers = new NumberShiftView(40, 0, 0, 0, Rising(0), Rising(0)) }],
            Shape = [new ShapeDiffView("added", "new", 40, ComparisonVerdicts.Differs, "string")],
            Latency = [new LatencyDiffView("model", "reply", ComparisonVerdicts.Slower, "measured", 40) { Before = Rising(1), After = Rising(2), Ratio = 2, Low = 1.9, High = 2.1 }],
        };

        var page = DiffPage.Render(new DiffDocument(40, 2, 0, true, [flow]) { Exceeded = ["--max-moved 0.5%: 2 of 40 would go elsewhere"] }, "cand<&>idate");

        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>age", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<u>", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', page);
        foreach (var told in new[] { "cand&lt;&amp;&gt;idate", "Limit exceeded: --max-moved", "slower", "polyline", "<rect", "added", "prefers-color-scheme: dark" })
        {
            Assert.Contains(told, page, StringComparison.Ordinal);
        }

        Assert.Equal(System.Text.RegularExpressions.Regex.Count(page, "<(svg|figure|table|section|div)[ >]"), System.Text.RegularExpressions.Regex.Count(page, "</(svg|figure|table|section|div)>"));
    }

    private static double[] Rising(double from) => [.. Enumerable.Range(0, 21).Select(i => from + i)];
}
