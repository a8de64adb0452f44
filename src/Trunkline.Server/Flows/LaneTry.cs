using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.State;

namespace Trunkline.Server.Flows;

/// <summary>What follows from the answer of a try.</summary>
internal enum TryResult
{
    /// <summary>The message is dealt with: through, dead, or put off.</summary>
    Done,

    /// <summary>It is to be tried again in place.</summary>
    Again,

    /// <summary>It was to be put off, but no more may be: it keeps its lane and is tried again, uncounted.</summary>
    NoRoom,
}

/// <summary>One try of one message.</summary>
/// <param name="Work">Its partition.</param>
/// <param name="Message">The message.</param>
/// <param name="Lanes">The revision it began with.</param>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Release">Set if it is a parked message whose turn has come.</param>
internal readonly record struct LaneTry(PartitionWork Work, StoredMessage Message, RevisionLanes Lanes, int Attempt, LaneRelease? Release)
{
    /// <summary>When it failed first; null if it did not before this try.</summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>Earlier answers that could not be used.</summary>
    public int PoisonBefore { get; init; }

    /// <summary>Set if it is a dead letter's message that runs again.</summary>
    public LaneRedrive? Redrive { get; init; }

    /// <summary>The span of this try; null unless somebody listens.</summary>
    public MessageSpan? Span { get; init; }

    /// <summary>Set if it is no message of the source but something due for its key.</summary>
    public StateVisit? Visit { get; init; }
}
