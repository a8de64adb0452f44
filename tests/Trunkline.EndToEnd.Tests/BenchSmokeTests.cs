using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>Every bench starts, does a hundredth of its work and reports. What it measures is not looked at: that is for a quiet machine.</summary>
[Trait("speed", "slow")]
public sealed class BenchSmokeTests
{
    private static readonly string[] s_benches = ["log", "flow", "latency", "order", "redrive", "idle", "recovery", "models", "mail", "contracts", "telemetry"];

    public static TheoryData<string> Benches => [.. s_benches];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Benches))]
    public async Task A_bench_runs_to_its_report(string bench)
    {
        var run = await RunAsync(bench, "--smoke");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.StartsWith($"# bench {bench}\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_bench_is_left_out()
    {
        var run = await RunAsync();

        Assert.StartsWith($"usage: bench {string.Join('|', s_benches)}|all ", run.Error, StringComparison.Ordinal);
    }

    private static Task<CommandRun> RunAsync(params string[] arguments)
    {
        // All projects are built side by side: artifacts/bin/PROJECT/release/.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var executable = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Trunkline.Bench", configuration, "Trunkline.Bench"));
        return CommandRun.RunAsync(arguments, new CommandSetting { Executable = executable, Bound = TimeSpan.FromMinutes(3) }, Cancel);
    }
}
