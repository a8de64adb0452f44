using System.Diagnostics;
using Trunkline.Server.Tests.Api;

namespace Trunkline.Server.Tests.Sight.Telemetry;

/// <summary>Prometheus' own tool reads what a node shows.</summary>
public sealed class PromtoolTests : ApiTest
{
    [Fact]
    public async Task Promtool_finds_nothing_to_say_about_the_metrics()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/promtool"), "promtool is not installed (./dev setup)");
        await PostAsync("/api/v1/topics/in/messages", "1", "application/json");
        await PostAsync("/api/v1/topics/none/messages", "1", "application/json");
        var metrics = await Http.GetStringAsync("/metrics", Cancel);
        using var promtool = Process.Start(new ProcessStartInfo("/usr/bin/promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var said = promtool.StandardError.ReadToEndAsync(Cancel);
        var told = promtool.StandardOutput.ReadToEndAsync(Cancel);
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);
        Assert.Equal((0, ""), (promtool.ExitCode, await said + await told));
    }
}
