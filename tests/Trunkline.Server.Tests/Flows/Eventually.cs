using Trunkline.Server.FlowTests;

namespace Trunkline.Server.Tests.Flows;

/// <summary>Waits for a condition with a bound, on real time; returns as soon as it holds.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<ValueTask<bool>> condition, string what, int seconds = 60)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not within {seconds} s: {what}");
            }
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string what, int seconds = 60) =>
        HoldsAsync(() => ValueTask.FromResult(condition()), what, seconds);

    /// <summary>Moves a clock from timer to timer, not past a bound, until the condition holds.</summary>
    public static Task HoldsMovingAsync(VirtualClock clock, Func<ValueTask<bool>> condition, string what, TimeSpan? notPast = null) => HoldsAsync(
        async () =>
        {
            if (await condition())
            {
                return true;
            }

            clock.MoveToNextTimer(notPast);
            return false;
        },
        what);

    /// <summary>Moves a clock from timer to timer up to a time, counted from its start.</summary>
    public static async Task PassesAsync(VirtualClock clock, TimeSpan until)
    {
        await using var there = clock.CreateTimer(_ => { }, null, until - clock.Elapsed, Timeout.InfiniteTimeSpan);
        await HoldsMovingAsync(clock, () => new(clock.Elapsed >= until), $"{until} passed", until);
    }
}
