using Trunkline.Messaging;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Brokers.Embedded.Groups;

/// <summary>What a <see cref="GroupSubscription"/> needs of its broker. Thread-safe.</summary>
internal interface IGroupLog
{
    /// <summary>Takes the member's next change, under the lock that orders commits; given partitions come with their progress.</summary>
    (GroupChange Change, IReadOnlyList<Progress> Progress)? TakeChange(GroupMember member);

    /// <summary>Messages from an offset on, and the oldest offset the partition still holds.</summary>
    PartitionRead Read(string topic, int partition, long offset, int maxMessages);

    /// <summary>The member leaves its group.</summary>
    void Leave(GroupMember member);
}

/// <summary>What a partition holds from an offset on.</summary>
/// <param name="Low">The oldest offset still there; below it, messages are gone.</param>
/// <param name="Messages">In offset order; empty at the end.</param>
internal readonly record struct PartitionRead(long Low, IReadOnlyList<StoredMessage> Messages);
