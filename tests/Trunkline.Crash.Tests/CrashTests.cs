using System.Globalization;
using Trunkline.Crash.Tests.Harness;
using Trunkline.Crash.Tests.Shim;

namespace Trunkline.Crash.Tests;

[Trait("speed", "slow")]
public sealed class CrashTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-crash-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Killed_and_robbed_of_unsynced_writes_the_store_loses_doubles_and_reorders_nothing()
    {
        var powerLoss = PowerLoss.Build(_folder);
        Assert.SkipWhen(powerLoss is null, "needs a C compiler (./dev setup)");
        await CleanAsync(powerLoss, cycles: 200);
    }

    [Fact]
    public Task Killed_with_the_page_cache_intact_the_store_loses_doubles_and_reorders_nothing() => CleanAsync(null, cycles: 20);

    [Fact]
    public async Task A_store_that_does_not_sync_is_caught()
    {
        var powerLoss = PowerLoss.Build(_folder);
        Assert.SkipWhen(powerLoss is null, "needs a C compiler (./dev setup)");
        var findings = await new CrashCycles(_folder, 7, powerLoss, _ => { }) { Unsynced = true }.RunAsync(10);
        Assert.NotEmpty(findings);
    }

    private async Task CleanAsync(PowerLoss? powerLoss, int cycles)
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("TRUNKLINE_CRASH_SEED") ?? "7", CultureInfo.InvariantCulture);
        var output = TestContext.Current.TestOutputHelper!;
        var findings = await new CrashCycles(_folder, seed, powerLoss, output.WriteLine).RunAsync(cycles);
        Assert.True(findings.Count == 0, $"seed {seed}: " + string.Join('\n', findings.Take(20)));
    }
}
