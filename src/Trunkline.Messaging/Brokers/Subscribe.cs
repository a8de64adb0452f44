using Trunkline.Messaging.Consuming;

namespace Trunkline.Messaging.Brokers;

/// <summary>Where a group without a committed position begins.</summary>
public enum SubscribeStart
{
    /// <summary>At the oldest message. The default.</summary>
    Earliest,

    /// <summary>Only messages appended after the subscription returned.</summary>
    Latest,
}

/// <summary>How to subscribe.</summary>
public sealed record SubscribeOptions
{
    /// <summary>The topic; must exist.</summary>
    public required string Topic { get; init; }

    /// <summary>The group; members of a group share the partitions.</summary>
    public required string Group { get; init; }

    /// <summary>Where a group without a committed position begins.</summary>
    public SubscribeStart Start { get; init; }
}

/// <summary>
/// A member of a group. One reader at a time; <see cref="ReceiveAsync"/> is not re-entrant, the other members are thread-safe.
/// Disposing leaves the group: its partitions go to other members at once.
/// </summary>
public interface ISubscription : IAsyncDisposable
{
    /// <summary>The current token; changes with each <see cref="SubscriptionEvent.Assigned"/>.</summary>
    FencingToken Fence { get; }

    /// <summary>
    /// Waits for the next event. Deliveries come in offset order per partition; those the group has completed are left out.
    /// </summary>
    /// <param name="maxMessages">The most messages in one delivery, at least 1.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is lost by it.</param>
    ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken);

    /// <summary>Stops deliveries of a partition until resumed, without giving it up. Idempotent.</summary>
    void Pause(int partition);

    /// <summary>Resumes deliveries where they stopped. Idempotent.</summary>
    void Resume(int partition);
}

/// <summary>What a subscription tells its reader.</summary>
public abstract record SubscriptionEvent
{
    private SubscriptionEvent()
    {
    }

    /// <summary>The member owns these partitions from now on; deliveries start at each one's progress.</summary>
    /// <param name="Partitions">The newly owned partitions.</param>
    public sealed record Assigned(IReadOnlyList<PartitionAssignment> Partitions) : SubscriptionEvent;

    /// <summary>The member no longer owns these partitions; its commits for them are refused from now on.</summary>
    /// <param name="Partitions">The partitions taken away.</param>
    public sealed record Revoked(IReadOnlyList<int> Partitions) : SubscriptionEvent;

    /// <summary>Messages of one partition, in offset order.</summary>
    /// <param name="Partition">The partition.</param>
    /// <param name="Messages">At least one.</param>
    public sealed record Delivered(int Partition, IReadOnlyList<StoredMessage> Messages) : SubscriptionEvent;

    /// <summary>Messages the group had not completed are gone through retention (forced) or deletion.</summary>
    /// <param name="Partition">The partition.</param>
    /// <param name="From">First offset missing.</param>
    /// <param name="Next">The offset deliveries go on at.</param>
    public sealed record Gap(int Partition, long From, long Next) : SubscriptionEvent;
}

/// <summary>A partition given to a member.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Progress">Where the group stands.</param>
public sealed record PartitionAssignment(int Partition, Progress Progress);

/// <summary>Where to move a group or a reader.</summary>
public abstract record SeekTarget
{
    private SeekTarget()
    {
    }

    /// <summary>To an offset; a removed one means the oldest there is, one beyond the end waits for it.</summary>
    /// <param name="Partition">The partition.</param>
    /// <param name="Value">The offset.</param>
    public sealed record Offset(int Partition, long Value) : SeekTarget;

    /// <summary>All partitions to the first message appended at or after a time.</summary>
    /// <param name="Value">The time.</param>
    public sealed record Time(DateTimeOffset Value) : SeekTarget;

    /// <summary>All partitions to the oldest message.</summary>
    public sealed record Earliest : SeekTarget;

    /// <summary>All partitions to the end.</summary>
    public sealed record Latest : SeekTarget;
}
