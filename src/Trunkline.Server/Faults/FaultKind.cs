namespace Trunkline.Server.Faults;

/// <summary>How a call to the outside, or a commit, fails on purpose.</summary>
internal enum FaultKind
{
    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>429.</summary>
    RateLimited,

    /// <summary>503.</summary>
    Unavailable,

    /// <summary>400.</summary>
    Refused,

    /// <summary>An answer that is not JSON.</summary>
    Garbage,

    /// <summary>The answer comes later.</summary>
    Slow,

    /// <summary>The process ends before the answer is there.</summary>
    Crash,
}
