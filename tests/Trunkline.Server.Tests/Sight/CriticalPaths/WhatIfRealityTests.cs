using System.Diagnostics;
using Trunkline.Client.Api;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>
/// Against reality, on a whole node: what half the model's time is said to bring, and what it brings, without a queue and with one. Alone, and judged only if equal runs are alike: on a
/// machine that does something else meanwhile times say nothing.
/// </summary>
[Collection(nameof(WhatIfRealityTests))]
[CollectionDefinition(nameof(WhatIfRealityTests), DisableParallelization = true)]
[Trait("speed", "slow")]
public sealed class WhatIfRealityTests : IAsyncLifetime
{
    private const int Rounds = 3;
    private const double Alike = 0.05;
    private const double Bound = 0.15;

    private readonly PathStand _stand = new();

    public ValueTask InitializeAsync() => _stand.StartAsync();

    public ValueTask DisposeAsync() => _stand.DisposeAsync();

    [Theory]
    [InlineData("wide", 10, 4)]
    [InlineData("narrow", 10, 3)]
    public async Task What_half_the_time_of_a_model_is_predicted_to_bring_it_brings(string flow, int batches, int batch)
    {
        var told = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            _stand.Delay = TimeSpan.FromMilliseconds(100);
            var (before, again) = (await LengthsAsync(flow, batches, batch), await LengthsAsync(flow, batches, batch));
            _stand.Delay = TimeSpan.FromMilliseconds(50);
            var (after, afterAgain) = (await LengthsAsync(flow, batches, batch), await LengthsAsync(flow, batches, batch));
            var said = Assert.Single(again.WhatIf);
            if (said.NotRecomputed is { } reason)
            {
                told.Add(reason);
                continue;
            }

            var answer = said.Quantiles;
            told.Add($"p50 {before.P50Ms}, {again.P50Ms}, {answer[0].RecomputedMs} said, {after.P50Ms} came; p99 {before.P99Ms}, {again.P99Ms}, {answer[1].RecomputedMs} said, {after.P99Ms} came");
            if (AreAlike(before, again) && AreAlike(after, afterAgain))
            {
                Assert.True(Off(answer[0].RecomputedMs!.Value, after.P50Ms) <= Bound && Off(answer[1].RecomputedMs!.Value, after.P99Ms) <= Bound, told[^1]);
                return;
            }
        }

        Assert.Skip($"The machine is too busy to measure on: {string.Join(" | ", told)}");
    }

    private static bool AreAlike(PathView one, PathView other) => Off(one.P50Ms, other.P50Ms) <= Alike && Off(one.P99Ms, other.P99Ms) <= Alike;

    private static double Off(double expected, double actual) => Math.Abs((actual / expected) - 1);

    /// <summary>The paths of a run of its own: nothing that came before it is looked at.</summary>
    private async Task<PathView> LengthsAsync(string flow, int batches, int batch)
    {
        var began = Stopwatch.StartNew();
        await _stand.RunAsync(flow, batches, batch);
        return await _stand.PathAsync(flow, batches * batch, [$"model.{_stand.Name}-reply=0.5"], () => began.Elapsed.TotalHours);
    }
}
