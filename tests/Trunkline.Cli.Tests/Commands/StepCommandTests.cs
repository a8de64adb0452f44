using System.Text.Json;
using Trunkline.Cli.Demo;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

public sealed class StepCommandTests
{
    private static readonly string Project = Path.Combine(SampleFolder.Path, "trunkline.yaml");

    [Fact]
    public async Task A_message_is_shown_after_every_step_with_what_was_asked_and_where_it_would_go()
    {
        var run = await RunAsync("step", "triage", "-f", Project, "--body", """{"text":"A terrible disaster, everything is broken"}""", "--stub", """spam={"probability":0.01}""");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        foreach (var told in new[] { "── infer-1", "asks   spam=", "answer {\"probability\":0.01}", "── infer-2", "asks   sentiment=", "── branch-2", "to mail.urgent", "to webhook-1", "not sent" })
        {
            Assert.Contains(told, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_remote_model_is_not_asked_unless_told_to_and_its_lack_is_named()
    {
        var run = await RunAsync("step", "reply", "-f", Project, "--body", """{"id":"1","subject":"Hi","text":"Help"}""", "--json");

        Assert.Equal(1, run.ExitCode);
        using var document = JsonDocument.Parse(run.Output);
        Assert.StartsWith("failed (step.effect-not-recorded", document.RootElement.GetProperty("outcome").GetString(), StringComparison.Ordinal);
        var last = document.RootElement.GetProperty("steps").EnumerateArray().Last();
        Assert.StartsWith("reply=", last.GetProperty("effects")[0].GetProperty("name").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("step", "triag")]
    [InlineData("step", "triage", "--body", "{}", "--stub", "spam")]
    [InlineData("step", "triage", "--message", "/does/not/exist")]
    [InlineData("faults", "stop")]
    [InlineData("faults", "add", "--flow", "f", "--kind", "error", "--for", "soon")]
    [InlineData("faults", "add", "--flow", "f", "--kind", "error", "--for", "5m", "--share", "0%")]
    [InlineData("tap", "f", "--count", "0")]
    public async Task What_cannot_be_meant_is_a_fault_of_usage(params string[] arguments) =>
        Assert.Equal(2, (await RunAsync([.. arguments, .. arguments[0] == "step" ? ["-f", Project] : Array.Empty<string>()])).ExitCode);

    private static async Task<CommandRun> RunAsync(params string[] arguments) => await CommandRun.RunAsync(
        arguments,
        new CommandSetting { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = "http://127.0.0.1:9" } },
        TestContext.Current.CancellationToken);
}
