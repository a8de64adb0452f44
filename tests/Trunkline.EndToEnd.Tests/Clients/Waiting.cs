namespace Trunkline.EndToEnd.Tests.Clients;

/// <summary>Waits for a condition, within two minutes.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    public static Task UntilAsync(Func<bool> holds, Func<string> what, CancellationToken cancellationToken) =>
        UntilAsync(() => Task.FromResult(holds()), what, cancellationToken);

    public static async Task UntilAsync(Func<Task<bool>> holds, Func<string> what, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Bound)
            {
                Assert.Fail($"Not within {Bound.TotalSeconds:0} s: {what()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
