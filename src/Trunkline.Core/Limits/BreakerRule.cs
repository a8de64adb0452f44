namespace Trunkline.Core.Limits;

/// <summary>When a breaker opens, and how long it pauses.</summary>
/// <param name="Failures">So many failures in a row, of whatever calls, open it; at least 1. With a <see cref="Window"/>: so many within it, if half of its calls failed and there were twice as many.</param>
/// <param name="PauseMin">The first pause.</param>
/// <param name="PauseMax">The longest: each probe that fails doubles the pause up to this.</param>
public sealed record BreakerRule(int Failures, TimeSpan PauseMin, TimeSpan PauseMax)
{
    /// <summary>Half of at least ten calls in ten seconds; one second to a minute. What calls of models have.</summary>
    public static readonly BreakerRule OfCalls = new(5, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1))
    {
        Window = TimeSpan.FromSeconds(10),
        AskedMax = TimeSpan.FromHours(1),
    };

    /// <summary>Failures are counted within this time, among successes; null counts those in a row. Default null.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>The longest pause that is kept because the other side asks for it; null for <see cref="PauseMax"/>. Default null.</summary>
    public TimeSpan? AskedMax { get; init; }
}

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
/// <param name="Failures">Failures counted towards opening it, and since.</param>
/// <param name="Since">When it opened; null while it is closed.</param>
/// <param name="NextProbe">When the pause ends, also one the other side asked for; null unless there is one.</param>
/// <param name="Waiting">Calls that wait.</param>
/// <param name="Reason">The latest failure counted; null if there is none.</param>
public sealed record BreakerReport(BreakerState State, int Failures, DateTimeOffset? Since, DateTimeOffset? NextProbe, int Waiting, string? Reason);
