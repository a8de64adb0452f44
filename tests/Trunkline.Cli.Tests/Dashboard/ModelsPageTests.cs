using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Cli.Tests.Dashboard;

public sealed class ModelsPageTests
{
    private const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Figures_are_told_per_version_and_what_lacks_evidence_is_a_dash()
    {
        var known = Version("spam", "v2") with
        {
            Answers = 4321,
            Labels = 200,
            Agreement = 0.915,
            CalibrationError = 0.042,
            Brier = 0.071,
            LatencyP99Ms = 12.4,
            Scores = new DriftView("drifting", 4321, 1000, 0.31, 0.2, 0.0001),
        };
        var html = await RenderAsync(known, Version("spam", "v1"));
        foreach (var shown in new[] { "4,321", "91.5 %", "0.042", "0.071", "12 ms", "drifting", "not enough evidence", "data-label=\"Brier\" class=\"number\">–</td>" })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hostile_names_stay_text()
    {
        var html = await RenderAsync(Version(Hostile, Hostile));
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_answers_the_page_says_what_to_tell()
    {
        var html = await RenderAsync();
        Assert.Contains("POST /api/v1/outcomes", html, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
    }

    private static ModelQualityView Version(string model, string version) => new()
    {
        Model = model,
        Version = version,
        LabelsNeeded = 100,
        Scores = new DriftView("not enough evidence", 0, 1000),
        Inputs = new DriftView("not enough evidence", 0, 1000),
    };

    private static Task<string> RenderAsync(params ModelQualityView[] versions)
    {
        var board = new ModelsBoard(
            Now, new Loaded<NodeView>(new NodeView("0.1.0", "embedded", [], 1, Now.AddHours(-1)), null), new Loaded<ModelQualityList>(new ModelQualityList(versions), null));
        return Pages.RenderAsync<ModelsPage>(nameof(ModelsPage.Board), board);
    }
}
