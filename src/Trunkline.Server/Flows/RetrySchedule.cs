using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>When a failed message is tried again: full jitter between the bounds, doubling, never before the far side allows.</summary>
internal static class RetrySchedule
{
    /// <summary>The wait after the given attempt, or null if there is no further one.</summary>
    /// <param name="retry">The flow's rule.</param>
    /// <param name="fault">How the attempt failed.</param>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="random">0 ≤ x &lt; 1.</param>
    /// <param name="retryAfterMax">Bound on what the far side may ask for.</param>
    public static TimeSpan? Next(RetryConfig retry, StepFault fault, int attempt, double random, TimeSpan retryAfterMax)
    {
        if (fault.Class == FaultClass.Terminal || attempt >= retry.Attempts)
        {
            return null;
        }

        // Doubling past 2^40 cannot fit any bound, so the exponent is cut there.
        var ceiling = Math.Min(retry.BackoffMax.Ticks, retry.BackoffMin.Ticks * Math.Pow(2, Math.Min(attempt, 40)));
        var wait = retry.BackoffMin.Ticks + (Math.Max(0, ceiling - retry.BackoffMin.Ticks) * random);
        var asked = fault.RetryAfter is { } after ? Math.Min(after.Ticks, retryAfterMax.Ticks) : 0;
        return TimeSpan.FromTicks((long)Math.Max(wait, asked));
    }
}
