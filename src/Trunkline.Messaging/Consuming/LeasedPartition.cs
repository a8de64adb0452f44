using Trunkline.Messaging.Brokers;

namespace Trunkline.Messaging.Consuming;

/// <summary>The window of one partition, for one term of owning it. Used under the consumer's lock.</summary>
internal sealed class LeasedPartition(PartitionAssignment assignment, IReadOnlyDictionary<long, int> deliveries)
{
    private readonly SortedDictionary<long, LeasedItem> _items = [];
    private readonly CompletionTracker _tracker = new(assignment.Progress);
    private long _bytes;

    public int Number { get; } = assignment.Partition;

    public bool Paused { get; set; }

    public int LeasedCount(DateTimeOffset now) => _items.Values.Count(i => i.State != LeaseState.Waiting && !i.IsFree(now));

    public int Room(LeasedConsumerOptions options) => _bytes >= options.WindowBytes ? 0 : options.WindowMessages - _items.Count;

    public void Deliver(IReadOnlyList<StoredMessage> messages)
    {
        foreach (var message in messages)
        {
            _tracker.Deliver(message.Position.Offset);
            _items.Add(message.Position.Offset, new LeasedItem(message, deliveries.GetValueOrDefault(message.Position.Offset)));
            _bytes += message.Message.Payload.Length;
        }
    }

    /// <summary>The message under this lease, or null if the lease is over.</summary>
    public LeasedItem? Find(Receipt receipt, DateTimeOffset now) =>
        _items.TryGetValue(receipt.Position.Offset, out var item)
        && item.State == LeaseState.Leased && item.Lease == receipt.Lease && !item.IsFree(now)
            ? item
            : null;

    /// <summary>Free messages that are the lowest of their key; a key with one out, delayed or failed gives nothing else.</summary>
    public IEnumerable<LeasedItem> Available(DateTimeOffset now)
    {
        var seen = new HashSet<MessageKey>();
        foreach (var item in _items.Values)
        {
            if ((item.Stored.Message.Key is not { } key || seen.Add(key)) && item.IsFree(now))
            {
                yield return item;
            }
        }
    }

    /// <summary>Free messages that were handed out as often as they may be.</summary>
    public IEnumerable<LeasedItem> Exhausted(DateTimeOffset now, int deliveriesMax) =>
        _items.Values.Where(i => i.Deliveries >= deliveriesMax && i.IsFree(now));

    /// <summary>When the next lease or delay ends; null if none is running.</summary>
    public DateTimeOffset? NextDue(DateTimeOffset now) =>
        _items.Values.Where(i => i.State != LeaseState.Settling && i.Until > now).Min(i => (DateTimeOffset?)i.Until);

    public Progress ProgressWith(IEnumerable<LeasedItem> completed) => _tracker.ProgressWith(completed.Select(i => i.Offset));

    public void Complete(LeasedItem item)
    {
        _tracker.Complete(item.Offset);
        _items.Remove(item.Offset);
        _bytes -= item.Stored.Message.Payload.Length;
    }

    /// <summary>Delivery counts to keep: of messages handed out or about to be, and not completed.</summary>
    public IEnumerable<(long Offset, int Count)> Deliveries(IReadOnlyCollection<LeasedItem> completed, IReadOnlyCollection<LeasedItem> taken) =>
        from item in _items.Values
        let count = item.Deliveries + (taken.Contains(item) ? 1 : 0)
        where count > 0 && !completed.Contains(item)
        select (item.Offset, count);
}
