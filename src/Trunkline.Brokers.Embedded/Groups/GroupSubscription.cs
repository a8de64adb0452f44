using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Brokers.Embedded.Groups;

/// <summary>A member's reader: tells changes of ownership first, then serves its partitions in turn.</summary>
internal sealed class GroupSubscription(IGroupLog log, GroupMember member) : ISubscription
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, Cursor> _cursors = [];
    private readonly HashSet<int> _paused = [];
    private int _last = -1;

    /// <inheritdoc/>
    public FencingToken Fence => member.Fence;

    /// <inheritdoc/>
    public async ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = member.Signal.Next;
            if (member.Ended is { } why)
            {
                throw new BrokerException(why, $"The subscription of group {member.Group} to topic {member.Topic} has ended.");
            }

            if ((TakeChange() ?? Deliver(maxMessages)) is { } found)
            {
                return found;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Pause(int partition)
    {
        lock (_gate)
        {
            _paused.Add(partition);
        }
    }

    /// <inheritdoc/>
    public void Resume(int partition)
    {
        lock (_gate)
        {
            _paused.Remove(partition);
        }

        member.Signal.Set();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        log.Leave(member);
        return ValueTask.CompletedTask;
    }

    private SubscriptionEvent? TakeChange()
    {
        if (log.TakeChange(member) is not var (change, progress))
        {
            return null;
        }

        if (!change.Assigned)
        {
            foreach (var partition in change.Partitions)
            {
                _cursors.Remove(partition);
                Resume(partition);
            }

            return new SubscriptionEvent.Revoked(change.Partitions);
        }

        var assigned = new List<PartitionAssignment>(change.Partitions.Count);
        for (var i = 0; i < change.Partitions.Count; i++)
        {
            _cursors[change.Partitions[i]] = new Cursor(progress[i]);
            assigned.Add(new PartitionAssignment(change.Partitions[i], progress[i]));
        }

        return new SubscriptionEvent.Assigned(assigned);
    }

    /// <summary>Serves the partition after the last one served, so that a busy one starves no other.</summary>
    private SubscriptionEvent? Deliver(int maxMessages)
    {
        foreach (var partition in _cursors.Keys.OrderBy(p => p <= _last).ThenBy(p => p).ToArray())
        {
            if (!IsPaused(partition) && Deliver(partition, _cursors[partition], maxMessages) is { } found)
            {
                _last = partition;
                return found;
            }
        }

        return null;
    }

    private SubscriptionEvent? Deliver(int partition, Cursor cursor, int maxMessages)
    {
        while (true)
        {
            cursor.SkipCompleted();
            var read = log.Read(member.Topic, partition, cursor.Next, maxMessages);
            if (read.Low > cursor.Next)
            {
                var from = cursor.Next;
                cursor.Next = read.Low;
                cursor.SkipCompleted();
                return new SubscriptionEvent.Gap(partition, from, cursor.Next);
            }

            if (read.Messages.Count == 0)
            {
                return null;
            }

            cursor.Next = read.Messages[^1].Position.Offset + 1;
            if (cursor.Open(read.Messages) is { Count: > 0 } open)
            {
                return new SubscriptionEvent.Delivered(partition, open);
            }
        }
    }

    private bool IsPaused(int partition)
    {
        lock (_gate)
        {
            return _paused.Contains(partition);
        }
    }

    /// <summary>Where the reader stands in one partition, and what it leaves out.</summary>
    private sealed class Cursor(Progress progress)
    {
        public long Next { get; set; } = progress.Next;

        public void SkipCompleted()
        {
            foreach (var range in progress.CompletedAbove)
            {
                if (range.From <= Next && Next < range.Until)
                {
                    Next = range.Until;
                }
            }
        }

        public IReadOnlyList<StoredMessage> Open(IReadOnlyList<StoredMessage> messages) =>
            progress.CompletedAbove.Count == 0 ? messages : [.. messages.Where(m => !progress.IsCompleted(m.Position.Offset))];
    }
}
