namespace Trunkline.Core.Limits;

/// <summary>When a breaker opens, and how long it pauses.</summary>
/// <param name="Failures">So many failures in a row, of whatever calls, open it; at least 1.</param>
/// <param name="PauseMin">The first pause.</param>
/// <param name="PauseMax">The longest: each probe that fails doubles the pause up to this.</param>
public sealed record BreakerRule(int Failures, TimeSpan PauseMin, TimeSpan PauseMax);

/// <summary>Where a breaker stands.</summary>
public enum BreakerState
{
    /// <summary>Calls go through.</summary>
    Closed,

    /// <summary>It pauses: calls wait.</summary>
    Open,

    /// <summary>The pause is over: one call goes through, and shows whether the others may.</summary>
    Probing,
}

/// <summary>How a breaker stands at a moment.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Failures">Failures in a row.</param>
/// <param name="Since">When it opened; null while it is closed.</param>
/// <param name="NextProbe">When the pause ends; null unless it pauses.</param>
/// <param name="Waiting">Calls that wait.</param>
/// <param name="Reason">The latest failure in a row; null if there is none.</param>
public sealed record BreakerReport(BreakerState State, int Failures, DateTimeOffset? Since, DateTimeOffset? NextProbe, int Waiting, string? Reason);
