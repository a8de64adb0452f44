namespace Trunkline.Server.Tests.Flows;

/// <summary>Waits for a condition with a bound, on real time; returns as soon as it holds.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<ValueTask<bool>> condition, string what, int seconds = 20)
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

    public static Task HoldsAsync(Func<bool> condition, string what, int seconds = 20) =>
        HoldsAsync(() => ValueTask.FromResult(condition()), what, seconds);
}
