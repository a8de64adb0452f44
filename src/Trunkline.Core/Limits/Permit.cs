namespace Trunkline.Core.Limits;

/// <summary>Leave to make one call. Completed once; disposing one that is not counts as given up. Thread-safe.</summary>
public sealed class Permit : IDisposable
{
    private CallLimiter? _limiter;

    internal Permit(CallLimiter limiter, long started, int round) => (_limiter, Started, Round) = (limiter, started, round);

    internal long Started { get; }

    /// <summary>The breaker's round it was given in.</summary>
    internal int Round { get; }

    /// <summary>The call has ended.</summary>
    /// <param name="result">How.</param>
    /// <param name="retryAfter">How long the other side asks to be left alone; null if it does not.</param>
    /// <param name="reason">How it failed, for people; no payload. Null for nothing to tell.</param>
    /// <returns>True if the breaker is open now: then a failure is the other side's, not the call's.</returns>
    public bool Complete(CallResult result, TimeSpan? retryAfter = null, string? reason = null) =>
        Interlocked.Exchange(ref _limiter, null)?.Complete(this, result, retryAfter, reason) ?? false;

    /// <inheritdoc/>
    public void Dispose() => Complete(CallResult.GivenUp);
}

/// <summary>The answer to who asks for a permit: the permit, or why there is none.</summary>
/// <param name="Permit">The permit; null if there is none.</param>
/// <param name="Refusal">Why there is none.</param>
public readonly record struct Admission(Permit? Permit, AdmissionRefusal Refusal = AdmissionRefusal.Full);

/// <summary>Why there is no permit.</summary>
public enum AdmissionRefusal
{
    /// <summary>As many wait as may.</summary>
    Full,

    /// <summary>The limiter was closed: what it guards is withdrawn.</summary>
    Closed,
}
