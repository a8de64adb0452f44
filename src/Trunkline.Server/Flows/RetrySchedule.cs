using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>
/// When a failed message is tried again: first in place, with full jitter between the bounds, doubling; then later, once after
/// each of the delays; never before the far side allows. Tries are counted over both.
/// </summary>
internal static class RetrySchedule
{
    /// <summary>Answers that cannot be used, after which a message is not tried again.</summary>
    public const int PoisonAnswersMax = 2;

    // Messages that failed together are not all due at the same moment.
    private const double LaterJitter = 0.1;

    /// <summary>True if the message keeps its lane for a further try.</summary>
    /// <param name="retry">The flow's rule.</param>
    /// <param name="fault">How the attempt failed.</param>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="poisonBefore">Earlier answers to this message that could not be used.</param>
    public static bool IsInPlace(RetryConfig retry, StepFault fault, int attempt, int poisonBefore = 0) =>
        fault.Class switch
        {
            FaultClass.Terminal or FaultClass.Dropped => false,
            FaultClass.Poison => attempt < retry.Attempts && poisonBefore + 1 < PoisonAnswersMax,
            _ => fault.IsUncounted || attempt < retry.Attempts,
        };

    /// <summary>The wait in place after the given attempt, or null if there is no further one.</summary>
    /// <param name="retry">The flow's rule.</param>
    /// <param name="fault">How the attempt failed.</param>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="random">0 ≤ x &lt; 1.</param>
    /// <param name="retryAfterMax">Bound on what the far side may ask for.</param>
    public static TimeSpan? Next(RetryConfig retry, StepFault fault, int attempt, double random, TimeSpan retryAfterMax)
    {
        if (fault.Class is FaultClass.Terminal or FaultClass.Dropped || (!fault.IsUncounted && attempt >= retry.Attempts))
        {
            return null;
        }

        // Doubling past 2^40 cannot fit any bound, so the exponent is cut there.
        var ceiling = Math.Min(retry.BackoffMax.Ticks, retry.BackoffMin.Ticks * Math.Pow(2, Math.Min(attempt, 40)));
        var wait = retry.BackoffMin.Ticks + (Math.Max(0, ceiling - retry.BackoffMin.Ticks) * random);
        return TimeSpan.FromTicks((long)Math.Max(wait, Asked(fault, retryAfterMax)));
    }

    /// <summary>The delay after the given attempt, with the lane given back, or null if there is none.</summary>
    /// <param name="retry">The flow's rule.</param>
    /// <param name="fault">How the attempt failed.</param>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="random">0 ≤ x &lt; 1.</param>
    /// <param name="retryAfterMax">Bound on what the far side may ask for.</param>
    public static TimeSpan? Later(RetryConfig retry, StepFault fault, int attempt, double random, TimeSpan retryAfterMax)
    {
        var index = Math.Max(0, attempt - retry.Attempts);
        if (fault.Class != FaultClass.Retryable || index >= retry.Later.Count)
        {
            return null;
        }

        var wait = retry.Later[index].Ticks * (1 + (LaterJitter * random));
        return TimeSpan.FromTicks((long)Math.Max(wait, Asked(fault, retryAfterMax)));
    }

    private static long Asked(StepFault fault, TimeSpan max) => fault.RetryAfter is { } after ? Math.Min(after.Ticks, max.Ticks) : 0;
}
