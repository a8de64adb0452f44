using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>The demo of a slow model from outside.</summary>
public sealed class SlowModelDemoTests
{
    [Fact]
    [Trait("speed", "slow")]
    public async Task The_promise_burns_an_alert_comes_and_the_planted_model_is_named()
    {
        var run = await CommandRun.RunAsync(["demo", "slow", "--json"], new CommandSetting { Bound = TimeSpan.FromMinutes(3) }, TestContext.Current.CancellationToken);

        using var report = JsonDocument.Parse(run.Output);
        Assert.Equal(("model planted-slow", 0), (report.RootElement.GetProperty("named").GetString(), run.ExitCode));
        Assert.StartsWith("chat.latency burns", report.RootElement.GetProperty("alert").GetString(), StringComparison.Ordinal);
    }
}
