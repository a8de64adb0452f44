using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>The demo of overload from outside.</summary>
public sealed class OverloadDemoTests
{
    [Fact]
    [Trait("speed", "slow")]
    public async Task Every_message_of_both_runs_is_in_one_place()
    {
        var run = await CommandRun.RunAsync(["demo", "overload", "--json"], new CommandSetting { Bound = TimeSpan.FromMinutes(5) }, TestContext.Current.CancellationToken);

        using var report = JsonDocument.Parse(run.Output);
        var messages = report.RootElement.GetProperty("messages").GetInt32();
        var (before, after) = (report.RootElement.GetProperty("before"), report.RootElement.GetProperty("after"));
        foreach (var figures in new[] { before, after })
        {
            Assert.Equal(messages, figures.GetProperty("delivered").GetInt32() + figures.GetProperty("deadLetters").GetInt32());
            Assert.True(figures.GetProperty("quietP99Ms").GetDouble() >= figures.GetProperty("quietP50Ms").GetDouble());
            Assert.True(figures.GetProperty("calls").GetInt32() >= messages);
        }

        // A busy machine may be too slow for the model's time even then: the program says so by its exit code.
        Assert.Equal(after.GetProperty("deadLetters").GetInt32() == 0 ? 0 : 1, run.ExitCode);
    }
}
