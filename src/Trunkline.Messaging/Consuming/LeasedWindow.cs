using Trunkline.Messaging.Brokers;

namespace Trunkline.Messaging.Consuming;

/// <summary>
/// All partitions a consumer owns, kept in step with its subscription by one pump. A partition given anew is a new
/// <see cref="LeasedPartition"/>, so that what was begun under an older term touches nothing.
/// </summary>
internal sealed class LeasedWindow(IBroker broker, ISubscription subscription, LeasedConsumerOptions options)
{
    private readonly SortedDictionary<int, LeasedPartition> _partitions = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Guards everything in the window.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The token under which the partitions in the window are owned.</summary>
    public FencingToken Fence => subscription.Fence;

    /// <summary>Completes at the next change; take it before looking.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public IEnumerable<LeasedPartition> Partitions => _partitions.Values;

    public LeasedPartition? Find(int partition) => _partitions.GetValueOrDefault(partition);

    /// <summary>Drops a partition another member has by now, unless it was given back meanwhile.</summary>
    public void Drop(LeasedPartition partition)
    {
        if (_partitions.GetValueOrDefault(partition.Number) == partition)
        {
            _partitions.Remove(partition.Number);
        }
    }

    /// <summary>Tells waiters that something became free, and reads on where there is room again.</summary>
    public void Notify()
    {
        foreach (var partition in _partitions.Values.Where(p => p.Paused && p.Room(options) > 0))
        {
            partition.Paused = false;
            subscription.Resume(partition.Number);
        }

        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Follows the subscription until cancelled or until it ends, which throws.</summary>
    public async Task PumpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var received = await subscription.ReceiveAsync(ReadMax(), cancellationToken).ConfigureAwait(false);
            var counts = received is SubscriptionEvent.Assigned given ? await ReadCountsAsync(given, cancellationToken).ConfigureAwait(false) : [];
            lock (Gate)
            {
                Apply(received, counts);
                Notify();
            }
        }
    }

    private void Apply(SubscriptionEvent received, List<Dictionary<long, int>> counts)
    {
        switch (received)
        {
            case SubscriptionEvent.Assigned assigned:
                for (var i = 0; i < assigned.Partitions.Count; i++)
                {
                    _partitions[assigned.Partitions[i].Partition] = new LeasedPartition(assigned.Partitions[i], counts[i]);
                    subscription.Resume(assigned.Partitions[i].Partition);
                }

                break;
            case SubscriptionEvent.Revoked revoked:
                foreach (var partition in revoked.Partitions)
                {
                    _partitions.Remove(partition);
                }

                break;
            case SubscriptionEvent.Delivered delivered when _partitions.TryGetValue(delivered.Partition, out var partition):
                partition.Deliver(delivered.Messages);
                if (partition.Room(options) <= 0)
                {
                    partition.Paused = true;
                    subscription.Pause(partition.Number);
                }

                break;
        }
    }

    /// <summary>No read may overfill any partition that is still read.</summary>
    private int ReadMax()
    {
        lock (Gate)
        {
            return _partitions.Values.Where(p => !p.Paused).Select(p => p.Room(options)).Append(options.WindowMessages).Min();
        }
    }

    private async ValueTask<List<Dictionary<long, int>>> ReadCountsAsync(SubscriptionEvent.Assigned assigned, CancellationToken cancellationToken)
    {
        var counts = new List<Dictionary<long, int>>();
        foreach (var (partition, _) in assigned.Partitions)
        {
            counts.Add(!broker.Capabilities.HasFlag(BrokerCapabilities.State) ? [] : DeliveryCounts.Decode(await broker
                .ReadStateAsync(DeliveryCounts.Store(options.Topic, options.Group), partition, DeliveryCounts.Key, cancellationToken)
                .ConfigureAwait(false)));
        }

        return counts;
    }
}
