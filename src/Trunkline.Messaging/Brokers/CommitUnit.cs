using Trunkline.Messaging.Consuming;

namespace Trunkline.Messaging.Brokers;

/// <summary>
/// Everything a piece of work changes, as one unit: on brokers with <see cref="BrokerCapabilities.AtomicCommit"/> all of
/// it becomes visible and durable, or nothing. Durable as the most demanding topic in it asks (positions and state: <c>sync</c>
/// unless every topic in the unit is weaker).
/// </summary>
public sealed record CommitUnit
{
    /// <summary>Proof that the committer still owns the partitions in <see cref="Positions"/>; required if there are any.</summary>
    public FencingToken? Fence { get; init; }

    /// <summary>Messages to append, over any topics.</summary>
    public IReadOnlyList<TopicAppend> Appends { get; init; } = [];

    /// <summary>How far the group has come.</summary>
    public IReadOnlyList<PositionUpdate> Positions { get; init; } = [];

    /// <summary>State to write; a null value deletes.</summary>
    public IReadOnlyList<StateWrite> State { get; init; } = [];
}

/// <summary>
/// Names an owner of partitions and its term. A member gets it with its assignment; once a partition is given to another
/// member, commits with the older token are refused (<see cref="BrokerErrorCode.Fenced"/>).
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="Member">The member's id, unique per subscription.</param>
/// <param name="Epoch">The term of the assignment.</param>
public sealed record FencingToken(string Group, string Member, long Epoch);

/// <summary>A group's progress in one partition.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Progress">Lowest offset not completed, and what is completed above it.</param>
public sealed record PositionUpdate(string Topic, int Partition, Progress Progress);

/// <summary>
/// One key of a state store. A store belongs to a flow (<c>flow.triage</c>) or a source; it follows a partition, so that
/// it can move with it.
/// </summary>
/// <param name="Store">The store's name.</param>
/// <param name="Partition">The partition it follows.</param>
/// <param name="Key">Any bytes.</param>
/// <param name="Value">The value; null deletes.</param>
public sealed record StateWrite(string Store, int Partition, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value);

/// <summary>One entry of a state store.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
public sealed record StateEntry(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);

/// <summary>What a commit did.</summary>
/// <param name="Appended">Per entry of <see cref="CommitUnit.Appends"/>, per message, where it stands.</param>
public sealed record CommitResult(IReadOnlyList<IReadOnlyList<Appended>> Appended);
