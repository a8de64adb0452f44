using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary><c>trunkline replay --diff</c> against a node that has recorded messages.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_same_project_moves_nothing_and_a_changed_one_exactly_what_it_changes()
    {
        _folder.Write("trunkline.yaml", Project("> 15"));
        var candidate = _folder.Write("candidate.yaml", Project("> 10"));
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);
        var lines = string.Concat(Enumerable.Range(1, 20).Select(n => $"{{\"n\":{n}}}\n"));
        Assert.Equal(0, (await RunAsync(node, lines, "publish", "numbers", "--lines")).ExitCode);

        var same = await RunAsync(node, "", "replay", "--diff", _folder.In("trunkline.yaml"), "--max-moved", "0%", "--json");
        Assert.Equal((0, 20, 0), (same.ExitCode, Number(same, "messages"), Number(same, "moved")));

        var changed = await RunAsync(node, "", "replay", "--diff", candidate, "--flow", "split", "--json");
        Assert.Equal((0, 20, 5), (changed.ExitCode, Number(changed, "messages"), Number(changed, "moved")));
        var gate = await RunAsync(node, "", "replay", "--diff", candidate, "--max-moved", "24.9%");
        Assert.Equal(1, gate.ExitCode);
        Assert.Contains("low -> high", gate.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(node, "", "replay", "--diff", candidate, "--max-moved", "25%")).ExitCode);
    }

    [Fact]
    public async Task A_revision_of_the_node_is_compared_by_its_number_and_the_report_written_as_a_page()
    {
        _folder.Write("trunkline.yaml", Project("> 15"));
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);
        Assert.Equal(0, (await RunAsync(node, string.Concat(Enumerable.Range(1, 20).Select(n => $"{{\"n\":{n}}}\n")), "publish", "numbers", "--lines")).ExitCode);
        Assert.Equal(0, (await RunAsync(node, "", "apply", "-f", _folder.Write("next.yaml", Project("> 12")), "--yes")).ExitCode);

        var back = await RunAsync(node, "", "replay", "--diff", "1", "--html", _folder.In("report.html"), "--json");

        Assert.Equal((0, 3), (back.ExitCode, Number(back, "moved")));
        Assert.Contains("high", await File.ReadAllTextAsync(_folder.In("report.html"), Cancel), StringComparison.Ordinal);
        Assert.Equal(4, (await RunAsync(node, "", "replay", "--diff", "99")).ExitCode);
    }

    [Fact]
    public async Task A_flow_that_is_not_there_or_a_share_that_is_none_is_refused()
    {
        var project = _folder.Write("trunkline.yaml", Project("> 15"));
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);

        var missing = await RunAsync(node, "", "replay", "--diff", project, "--flow", "other", "--json");
        Assert.Equal(4, missing.ExitCode);
        using var failure = JsonDocument.Parse(missing.Output);
        Assert.Equal("comparison.not-possible", failure.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(2, (await RunAsync(node, "", "replay", "--diff", project, "--max-moved", "half")).ExitCode);
        Assert.Equal(2, (await RunAsync(node, "", "replay", "--diff", project, "--effects", "stub")).ExitCode);
        Assert.Equal(2, (await RunAsync(node, "", "replay", "--diff", project, "--effects", "stub", "--stub", "reply=not json")).ExitCode);
    }

    [Fact]
    public async Task Recorded_messages_run_into_a_file_and_into_the_flow()
    {
        _folder.Write("trunkline.yaml", Project("> 15"));
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);
        Assert.Equal(0, (await RunAsync(node, string.Concat(Enumerable.Range(1, 20).Select(n => $"{{\"n\":{n}}}\n")), "publish", "numbers", "--lines")).ExitCode);

        var aside = await RunAsync(node, "", "replay", "--flow", "split", "--into", "file", _folder.In("out.ndjson"));
        Assert.True(aside.ExitCode == 0, aside.Output + aside.Error);
        var lines = await File.ReadAllLinesAsync(_folder.In("out.ndjson"), Cancel);
        Assert.Equal((20, 5), (lines.Length, lines.Count(line => line.Contains("\"high\"", StringComparison.Ordinal))));

        var into = await RunAsync(node, "", "replay", "--topic", "numbers", "--into", "flow", "--rate", "500/s", "--json");
        Assert.Equal((0, 20, 20), (into.ExitCode, Number(into, "read"), Number(into, "stored")));
        Assert.Contains("done", (await RunAsync(node, "", "replay", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync(node, "", "replay", "--flow", "split", "--into", "nowhere")).ExitCode);
        Assert.Equal(4, (await RunAsync(node, "", "replay", "show", "replay-0")).ExitCode);
    }

    private static string Project(string condition) => $$"""
        topics: { numbers: {}, high: {}, low: {} }
        flows:
          split:
            from: { topic: numbers }
            branch:
              - when: message.n {{condition}}
                to: { topic: high }
              - otherwise: true
                to: { topic: low }
        """;

    private static Task<CommandRun> RunAsync(NodeProcess node, string input, params string[] arguments) => CommandRun.RunAsync(
        arguments, new CommandSetting { Input = input, Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = node.Url.ToString() } }, Cancel);

    private static int Number(CommandRun run, string name)
    {
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.GetProperty(name).GetInt32();
    }
}
