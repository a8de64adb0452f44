using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Brokers.Embedded.Upkeep;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>
/// The one thread that changes the store: it takes what is queued, makes one write of it, syncs once, then acknowledges, then
/// wakes readers. After a failed write nothing more is acknowledged.
/// </summary>
internal sealed class Writer : IDisposable
{
    private const long GroupBytesMax = 8 * 1024 * 1024;
    private static readonly TimeSpan GatherMax = TimeSpan.FromMicroseconds(200);

    private readonly WriterParts _parts;
    private readonly Staging _staging;
    private readonly TailBudget _tails;
    private readonly Merger _merger;
    private readonly IntervalSync _interval;
    private readonly Thread _thread;
    private readonly List<WriterItem> _items = [];
    private readonly List<PendingUnit> _units = [];
    private readonly List<PendingUnit> _weak = [];
    private readonly List<PendingUnit> _staged = [];
    private long _lastWriteTicks;
    private int _lastGroup;

    public Writer(WriterParts parts)
    {
        _parts = parts;
        _staging = new Staging(parts.Catalog, parts.Store, parts.Dedupe);
        _tails = new TailBudget(parts.Options.TailBytesMax ?? new StoreMemory(parts.Options.MemoryBytes).Tail);
        _merger = new Merger(parts.Store);
        _interval = new IntervalSync(parts.Options.Time, parts.Queue.Wake);
        _thread = new Thread(Run) { IsBackground = true, Name = "trunkline-writer" };
        _thread.Start();
    }

    /// <summary>Forgets what is in memory of a partition's batches. Writer's thread only.</summary>
    public void Forget(PartitionState partition)
    {
        _tails.Drop(partition.Tail);
        _merger.Forget(partition);
    }

    /// <summary>Waits for the thread to end what is queued; the queue must be closed.</summary>
    public void Dispose()
    {
        _thread.Join();
        _interval.Dispose();
        _staging.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _parts.Queue.WaitForItem();
            Gather();
            _items.Clear();
            if (!_parts.Queue.Take(_items, GroupBytesMax))
            {
                return;
            }

            Handle();
            if (_parts.Queue.Count == 0)
            {
                Idle();
            }
        }
    }

    /// <summary>
    /// Callers that were just acknowledged come back within microseconds. Starting at once with the first of them would leave the others
    /// to the next sync; so as long as they keep coming, and for a fraction of a write at most, the group is allowed to grow.
    /// </summary>
    private void Gather()
    {
        if (_lastGroup <= 1)
        {
            return;
        }

        var patience = Math.Min(_lastWriteTicks / 4, (long)(GatherMax.TotalSeconds * Stopwatch.Frequency));
        var start = Stopwatch.GetTimestamp();
        while (_parts.Queue.Count < _lastGroup && Stopwatch.GetTimestamp() - start < patience)
        {
            Thread.Yield();
        }
    }

    /// <summary>Runs what was taken in its order: commands alone, the units between two commands as one group.</summary>
    private void Handle()
    {
        _units.Clear();
        foreach (var item in _items)
        {
            if (item is PendingUnit unit)
            {
                _units.Add(unit);
                continue;
            }

            Commit();
            ((WriterCommand)item).Run();
        }

        Commit();
    }

    /// <summary>Units that need no sync are acknowledged before those that do are written.</summary>
    private void Commit()
    {
        if (_units.Count == 0)
        {
            return;
        }

        _lastGroup = _units.Count;
        _weak.Clear();
        for (var i = 0; i < _units.Count; i++)
        {
            if (IsWeak(_units[i], out var interval))
            {
                _interval.Request(interval);
                _weak.Add(_units[i]);
            }
        }

        if (_weak.Count > 0)
        {
            _units.RemoveAll(_weak.Contains);
            Commit(_weak, sync: false);
        }

        Commit(_units, sync: true);
        _units.Clear();
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary between callers' units and the writer's thread: every caller gets the error, the thread lives on.")]
    private void Commit(List<PendingUnit> units, bool sync)
    {
        if (units.Count == 0)
        {
            return;
        }

        try
        {
            Stage(units);
            if (_staged.Count == 0)
            {
                return;
            }

            _staging.Finish();
            var start = Stopwatch.GetTimestamp();
            _staging.Write(sync);
            _lastWriteTicks = Stopwatch.GetTimestamp() - start;
        }
        catch (Exception failure)
        {
            if (failure is not BrokerException { Code: BrokerErrorCode.StoreFailed })
            {
                Log.Failed(_parts.Logger, failure);
            }

            _staged.ForEach(u => u.Fail(failure));
            _staging.Begin(default);
            return;
        }

        Publish(sync);
    }

    private void Stage(List<PendingUnit> units)
    {
        _staged.Clear();
        _staging.Begin(_parts.Options.Time.GetUtcNow());
        foreach (var unit in units)
        {
            try
            {
                _parts.Space.ThrowIfLow(unit);
                _staging.Add(unit);
                _staged.Add(unit);
            }
            catch (Exception refusal) when (refusal is BrokerException or ArgumentException)
            {
                unit.Fail(refusal);
            }
        }
    }

    /// <summary>The write is in the store: readers may see it, callers are told.</summary>
    private void Publish(bool sync)
    {
        foreach (var staged in _staging.Partitions)
        {
            foreach (var batch in staged.Batches)
            {
                _tails.Add(staged.Partition.Tail, batch);
            }
        }

        lock (_parts.Catalog.Gate)
        {
            foreach (var staged in _staging.Partitions)
            {
                staged.Partition.Visible = staged.Extent();
            }

            _staging.Publish();
        }

        if (sync)
        {
            _parts.Mark.Advance(_parts.Store.LoggedSequence);
            _interval.Done();
        }

        foreach (var unit in _staged)
        {
            unit.Complete();
        }

        foreach (var staged in _staging.Partitions)
        {
            staged.Partition.Changed.Set();
            foreach (var batch in staged.Batches)
            {
                _merger.Add(staged.Partition, batch);
            }
        }

        lock (_parts.Catalog.Gate)
        {
            TopicState? last = null;
            foreach (var staged in _staging.Partitions)
            {
                if (staged.Partition.Topic != last)
                {
                    last = staged.Partition.Topic;
                    _parts.Catalog.Members.Wake(last.Settings.Name);
                }
            }
        }
    }

    /// <summary>Nothing waits: sync what an interval asks for, and make one batch of many small ones.</summary>
    private void Idle()
    {
        try
        {
            if (_interval.IsDue && _parts.Store.Failure is null)
            {
                _parts.Store.Sync();
                _parts.Mark.Advance(_parts.Store.LoggedSequence);
                _interval.Done();
            }

            if (_parts.Store.Failure is null)
            {
                _merger.Run();
            }
        }
        catch (BrokerException failure)
        {
            // The store remembers the failure and refuses everything from now on; whoever comes next is told.
            Log.Failed(_parts.Logger, failure);
        }
    }

    /// <summary>True if every topic in the unit asks for less than a sync.</summary>
    private bool IsWeak(PendingUnit unit, out TimeSpan? interval)
    {
        interval = null;
        var names = unit.Unit is { } whole ? unit.Appends.Select(a => a.Topic).Concat(whole.Positions.Select(p => p.Topic)) : [unit.Appends[0].Topic];
        var weak = false;
        lock (_parts.Catalog.Gate)
        {
            foreach (var name in names)
            {
                if (_parts.Catalog.Find(name)?.Settings.Durability is not { } durability || durability.Kind == DurabilityKind.Sync)
                {
                    return false;
                }

                weak = true;
                if (durability.Kind == DurabilityKind.Interval && (interval is null || durability.Interval < interval))
                {
                    interval = durability.Interval;
                }
            }
        }

        return weak;
    }
}
