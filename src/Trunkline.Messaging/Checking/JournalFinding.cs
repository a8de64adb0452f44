namespace Trunkline.Messaging.Checking;

/// <summary>What a journal shows to have gone wrong.</summary>
public enum FindingKind
{
    /// <summary>Acknowledged, and not in the log at the end.</summary>
    Lost,

    /// <summary>Seen, and never attempted, or surely refused.</summary>
    Invented,

    /// <summary>In the log twice, or an effect done twice.</summary>
    Duplicated,

    /// <summary>Messages of a key, or offsets of a partition, seen out of order; or readers disagree about what stands where.</summary>
    Reordered,

    /// <summary>Seen with other content than was sent.</summary>
    Altered,

    /// <summary>A group's position passes a message it was never given, or the end.</summary>
    PositionAhead,

    /// <summary>A group resumed before a position it had committed.</summary>
    PositionBehind,
}

/// <summary>One thing that went wrong.</summary>
/// <param name="Kind">What.</param>
/// <param name="Where">Which message, or which group and partition.</param>
/// <param name="Detail">For people.</param>
public sealed record JournalFinding(FindingKind Kind, string Where, string Detail);

/// <summary>What a checker makes of a journal.</summary>
/// <param name="Findings">The first of each kind, at most <see cref="JournalChecker.FindingsMax"/> each; empty if all is well.</param>
/// <param name="Counts">How many there are of each kind found.</param>
/// <param name="Attempted">Messages attempted.</param>
/// <param name="Acknowledged">Of them acknowledged.</param>
/// <param name="Recovered">Of unknown outcome, and in the log.</param>
/// <param name="Stored">Lines of the final readings.</param>
public sealed record JournalVerdict(
    IReadOnlyList<JournalFinding> Findings, IReadOnlyDictionary<FindingKind, int> Counts, int Attempted, int Acknowledged, int Recovered, int Stored);
