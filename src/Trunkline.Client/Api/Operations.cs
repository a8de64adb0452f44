namespace Trunkline.Client.Api;

/// <summary>What came of draining a flow.</summary>
/// <param name="Drained">True if nothing of the flow is in hand and every sink has what it is to get.</param>
/// <param name="InFlight">Messages in hand and not committed.</param>
/// <param name="HeldBack">Of those, waiting for a retry or behind one.</param>
/// <param name="Pending">Messages sinks still have to deliver.</param>
public sealed record DrainResult(bool Drained, long InFlight, long HeldBack, long Pending);

/// <summary>Asks to move a group; exactly one of <see cref="To"/>, <see cref="Time"/> and <see cref="Offset"/>.</summary>
public sealed record ResetGroupRequest
{
    /// <summary><c>earliest</c> or <c>latest</c>: all partitions.</summary>
    public string? To { get; init; }

    /// <summary>All partitions to the first message appended at or after this time.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>One partition to this offset.</summary>
    public long? Offset { get; init; }

    /// <summary>With <see cref="Offset"/>: the partition.</summary>
    public int? Partition { get; init; }
}
