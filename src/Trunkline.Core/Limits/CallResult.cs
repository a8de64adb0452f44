namespace Trunkline.Core.Limits;

/// <summary>How a call ended, as far as limits care.</summary>
public enum CallResult
{
    /// <summary>An answer, be it one that refuses the input.</summary>
    Answered,

    /// <summary>It failed for reasons of its own: unreachable, broken, a 5xx.</summary>
    Failed,

    /// <summary>The other side had no room: 429, no answer in time.</summary>
    Overloaded,

    /// <summary>Given up by the caller; says nothing about the other side.</summary>
    GivenUp,
}
