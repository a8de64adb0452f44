using System.Threading.Channels;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Delays;
using Trunkline.Server.Flows.Tenants;
using Trunkline.Server.State;

namespace Trunkline.Server.Flows;

/// <summary>
/// The books of a running flow: which partitions are ours, what of them is in flight, what is finished and waits for the next
/// commit unit. The reader delivers into it, lane groups hand over finished work in batches, the committer takes units out.
/// Thread-safe by one lock, taken once per batch; inside it only <see cref="IFlowSource.Pause"/> and Resume of the source are called.
/// </summary>
internal sealed partial class FlowLedger(FlowLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, PartitionWork> _partitions = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly List<PartitionWork> _dirty = [];
    private IFlowSource? _source;
    private int _inFlight;
    private long _inFlightBytes;
    private bool _held;

    public int InFlight => Volatile.Read(ref _inFlight);

    public FlowCounters Counters { get; } = new();

    /// <summary>Starts the books of a newly opened source; everything of the one before is dropped.</summary>
    public void Open(IFlowSource source)
    {
        lock (_lock)
        {
            foreach (var work in _partitions.Values)
            {
                Forget(work);
            }

            _partitions.Clear();
            _source = source;
        }
    }

    /// <summary>A partition is ours from now on; earlier work on it is dropped.</summary>
    public PartitionWork Assign(int partition, Progress progress, PartitionFailures failures, AssignedParts parts)
    {
        lock (_lock)
        {
            if (_partitions.TryGetValue(partition, out var old))
            {
                Forget(old);
            }

            var work = new PartitionWork(partition, progress, failures) { States = parts.States, Ahead = parts.ReadsAhead ? new ReadAhead() : null };
            work.Delivered(progress.Next);
            _partitions[partition] = work;
            Throttle(work);
            return work;
        }
    }

    /// <summary>A partition is ours no more.</summary>
    public void Revoke(int partition)
    {
        lock (_lock)
        {
            if (_partitions.Remove(partition, out var work))
            {
                Forget(work);
            }
        }
    }

    /// <summary>A commit for this work was refused: nothing of it counts, but the partition may still be given anew.</summary>
    public void Refuse(PartitionWork work)
    {
        lock (_lock)
        {
            Forget(work);
        }
    }

    /// <summary>True if the broker has given no news about the partition since its work was refused.</summary>
    public bool IsStillRefused(PartitionWork work)
    {
        lock (_lock)
        {
            return _partitions.TryGetValue(work.Partition, out var current) && ReferenceEquals(current, work);
        }
    }

    /// <summary>Takes delivered messages into the books; those to begin, in order. Null if the partition is not ours.</summary>
    public (PartitionWork Work, IReadOnlyList<StoredMessage> Messages)? Deliver(int partition, IReadOnlyList<StoredMessage> delivered)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(partition, out var work) || work.State == PartitionState.Dropped)
            {
                return null;
            }

            var messages = Choose(work, delivered);
            Counters.In += messages.Count;
            if (IsFull)
            {
                ThrottleAll();
            }
            else
            {
                Throttle(work);
            }

            return (work, messages);
        }
    }

    /// <summary>Messages up to an offset are gone before they were delivered.</summary>
    public void Skip(int partition, long next)
    {
        lock (_lock)
        {
            _partitions.GetValueOrDefault(partition)?.Delivered(next);
        }
    }

    /// <summary>Our partitions with states; those at work only: none while deliveries are held back.</summary>
    public IReadOnlyList<PartitionWork> WithStates(bool atWork)
    {
        lock (_lock)
        {
            return [.. _partitions.Values.Where(w => w.States is not null && (atWork ? w.IsOwned && !_held : w.State != PartitionState.Dropped))];
        }
    }

    /// <summary>Takes something due for a key into the books; false if the partition is not at work.</summary>
    public bool BeginVisit(PartitionWork work)
    {
        lock (_lock)
        {
            if (!work.IsOwned)
            {
                return false;
            }

            work.InFlight++;
            _inFlight++;
            return true;
        }
    }

    /// <summary>Takes over what a lane group finished.</summary>
    public void Complete(PartitionWork work, LaneOutput output)
    {
        lock (_lock)
        {
            if (work.State == PartitionState.Dropped)
            {
                output.Errands.ForEach(errand => errand.Interrupt());
                return;
            }

            GatherOf(work).Add(output);
        }

        _signal.Writer.TryWrite(true);
    }

    /// <summary>Stops a partition: the failure policy asks for an operator.</summary>
    public void Stop(PartitionWork work, string reason)
    {
        lock (_lock)
        {
            if (work.State == PartitionState.Owned)
            {
                work.State = PartitionState.Stopped;
                work.StopReason = reason;
                Throttle(work);
            }
        }
    }

    /// <summary>Waits until something is finished.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _signal.Reader.ReadAsync(cancellationToken);

    /// <summary>Takes everything finished, partition by partition, with the progress it makes.</summary>
    public List<TakenWork> Take()
    {
        var taken = new List<TakenWork>();
        lock (_lock)
        {
            foreach (var work in _dirty)
            {
                if (work.Gather is not { } gather || work.State == PartitionState.Dropped)
                {
                    continue;
                }

                foreach (var message in gather.Completed)
                {
                    work.Tracker.Complete(message.Offset);
                }

                work.Gather = null;
                taken.Add(new TakenWork(work, gather, work.Tracker.Progress));
            }

            _dirty.Clear();
        }

        return taken;
    }

    /// <summary>The unit with this work is durable.</summary>
    public void Settle(List<TakenWork> taken)
    {
        lock (_lock)
        {
            foreach (var (work, gather, _) in taken)
            {
                gather.Errands.ForEach(errand => errand.Settle());
                if (work.State == PartitionState.Dropped)
                {
                    continue;
                }

                var bytes = 0L;
                foreach (var message in gather.Completed)
                {
                    bytes += message.Bytes;
                    Uncount(work, message);
                }

                foreach (var change in gather.Changes.Values)
                {
                    work.States!.Settled(change);
                }

                gather.Drops.ForEach(drop => drop.Done.TrySetResult(true));

                var finished = gather.Completed.Count + gather.Visits;
                work.InFlight -= finished;
                work.InFlightBytes -= bytes;
                _inFlight -= finished;
                _inFlightBytes -= bytes;
                Counters.Add(gather);
            }

            ThrottleAll();
        }
    }

    /// <summary>Holds back all deliveries, or lets them go on.</summary>
    public void Hold(bool held)
    {
        lock (_lock)
        {
            _held = held;
            ThrottleAll();
        }
    }

    /// <summary>The partitions that are ours, as of now.</summary>
    public IReadOnlyList<PartitionWork> Ours()
    {
        lock (_lock)
        {
            return [.. _partitions.Values.Where(w => w.State != PartitionState.Dropped)];
        }
    }

    /// <summary>Messages of stopped partitions that will not be finished until an operator acts.</summary>
    public int Stuck
    {
        get
        {
            lock (_lock)
            {
                return _partitions.Values.Where(w => w.State == PartitionState.Stopped && w.Gather is null).Sum(w => w.InFlight);
            }
        }
    }

    /// <summary>Partitions stopped by the failure policy, with the reason.</summary>
    public IReadOnlyList<StoppedPartition> Stopped()
    {
        lock (_lock)
        {
            return [.. _partitions.Values.Where(w => w.State == PartitionState.Stopped).Select(w => new StoppedPartition(w.Partition, w.StopReason ?? ""))];
        }
    }

    /// <summary>A consistent copy of the counts.</summary>
    public FlowCounts Count()
    {
        lock (_lock)
        {
            return Counters.Copy();
        }
    }

    private UnitGather GatherOf(PartitionWork work)
    {
        if (work.Gather is null)
        {
            work.Gather = new UnitGather();
            _dirty.Add(work);
        }

        return work.Gather;
    }

    private bool IsFull => _inFlight >= limits.InFlightMessagesMax || _inFlightBytes >= limits.InFlightBytesMax;

    /// <summary>Deliveries go on well below the bound, so that a full flow does not stop and start with every message.</summary>
    private bool HasRoom => _inFlight <= limits.InFlightMessagesMax / 4 * 3 && _inFlightBytes <= limits.InFlightBytesMax / 4 * 3;

    private void ThrottleAll()
    {
        foreach (var work in _partitions.Values)
        {
            Throttle(work);
        }
    }

    private void Throttle(PartitionWork work)
    {
        var full = work.InFlight >= limits.PartitionInFlightMax || work.Tracker.RangeCount >= limits.CompletedRangesMax || work.Ahead is { IsFull: true };
        if (!work.Paused && (_held || full || IsFull || work.State != PartitionState.Owned))
        {
            work.Paused = true;
            _source?.Pause(work.Partition);
            return;
        }

        var roomy = work.InFlight <= limits.PartitionInFlightMax / 2 && work.Tracker.RangeCount <= limits.CompletedRangesMax / 2 && work.Ahead is not { IsRoomy: false };
        if (work.Paused && !_held && roomy && HasRoom && work.State == PartitionState.Owned)
        {
            work.Paused = false;
            _source?.Resume(work.Partition);
        }
    }

    /// <summary>Nothing of this assignment counts any more.</summary>
    private void Forget(PartitionWork work)
    {
        if (work.State == PartitionState.Dropped)
        {
            return;
        }

        work.State = PartitionState.Dropped;
        work.Gather?.Errands.ForEach(errand => errand.Interrupt());
        work.Gather = null;
        _inFlight -= work.InFlight;
        _inFlightBytes -= work.InFlightBytes;
        work.Hands.LeaveTo(_tenants);
    }
}

/// <summary>What a partition is taken with.</summary>
/// <param name="States">What is remembered of its keys; null where nothing is.</param>
/// <param name="ReadsAhead">Whether tenants that have their share are passed over.</param>
internal readonly record struct AssignedParts(KeyStates? States, bool ReadsAhead);
