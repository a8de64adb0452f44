using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

public sealed class CheckCommandTests
{
    private const string Faulty = """
        topics:
          a.b: { partitions: zero, retenion: 7d }
        flows:
          f:
            from: { topic: nope }
            to: { topic: a.b }
        """;

    [Fact]
    public async Task What_init_writes_has_no_faults()
    {
        using var folder = new TemporaryFolder();
        var setting = new CommandSetting { Folder = folder.Path };
        var init = await CommandRun.RunAsync(["init", "project"], setting, TestContext.Current.CancellationToken);
        var check = await CommandRun.RunAsync(["check", "-f", "project/trunkline.yaml"], setting, TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (init.ExitCode, check.ExitCode));
        Assert.Contains("no faults", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_never_overwrites_a_project()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("trunkline.yaml", "# mine\n");
        var run = await CommandRun.RunAsync(["init"], new CommandSetting { Folder = folder.Path }, TestContext.Current.CancellationToken);
        Assert.Equal(4, run.ExitCode);
        Assert.Equal("# mine\n", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Every_fault_is_told_with_its_line_and_remedy()
    {
        using var folder = new TemporaryFolder();
        folder.Write("trunkline.yaml", Faulty);
        var run = await CommandRun.RunAsync(["check"], new CommandSetting { Folder = folder.Path }, TestContext.Current.CancellationToken);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("trunkline.yaml:2: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'retention'?", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("3 faults in 1 file\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_the_faults_are_one_document()
    {
        using var folder = new TemporaryFolder();
        folder.Write("trunkline.yaml", Faulty);
        var run = await CommandRun.RunAsync(["check", "--json"], new CommandSetting { Folder = folder.Path }, TestContext.Current.CancellationToken);
        Assert.Equal((2, ""), (run.ExitCode, run.Error));
        using var document = JsonDocument.Parse(run.Output);
        var faults = document.RootElement.GetProperty("faults");
        Assert.Equal(3, faults.GetArrayLength());
        Assert.All(faults.EnumerateArray(), fault => Assert.Equal(["file", "line", "code", "message", "remedy"], fault.EnumerateObject().Select(member => member.Name)));
    }

    [Fact]
    public async Task A_faulty_project_does_not_run()
    {
        using var folder = new TemporaryFolder();
        folder.Write("trunkline.yaml", Faulty);
        var run = await CommandRun.RunAsync(["run", "--json"], new CommandSetting { Folder = folder.Path }, TestContext.Current.CancellationToken);
        Assert.Equal(2, run.ExitCode);
        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal(3, document.RootElement.GetProperty("faults").GetArrayLength());
        Assert.False(Directory.Exists(folder.In(".trunkline")));
    }
}
