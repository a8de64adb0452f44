using RocksDbSharp;
using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>
/// Turns units into one write. A unit is first checked whole, against the store and the units staged before it, then staged
/// whole; a refused unit leaves nothing. Writer's thread only.
/// </summary>
internal sealed class Staging(Catalog catalog, Store store, Deduplicator dedupe) : IDisposable
{
    private readonly WriteBatch _batch = new();
    private readonly List<StagedPartition> _partitions = [];
    private readonly Stack<StagedPartition> _spare = [];
    private readonly BatchMemory _memory = new();
    private readonly List<LargeBatch> _large = [];
    private readonly Dictionary<(GroupState Group, int Partition), (PartitionState Partition, Progress Progress)> _positions = [];
    private readonly Dictionary<(int Topic, int Partition, string Producer), ProducerState> _checked = [];
    private readonly HashSet<(string, int)> _moved = [];
    private DateTimeOffset _now;

    /// <summary>Writes all that is staged; it must be finished.</summary>
    public void Write(bool sync) => store.Write(_batch, _large, sync);

    /// <summary>The partitions it appends to.</summary>
    public IReadOnlyList<StagedPartition> Partitions => _partitions;

    /// <summary>Starts an empty write.</summary>
    public void Begin(DateTimeOffset now)
    {
        _now = now;
        _batch.Clear();
        _large.Clear();
        dedupe.Clear();
        _positions.Clear();
        foreach (var partition in _partitions)
        {
            partition.Partition.Staged = null;
            _spare.Push(partition);
        }

        _partitions.Clear();
    }

    /// <summary>Adds a unit, or throws why it is refused.</summary>
    public void Add(PendingUnit pending)
    {
        lock (catalog.Gate)
        {
            CheckPositions(pending.Unit);
            CheckAppends(pending);
        }

        var appends = pending.Appends;
        pending.Appended = new Appended[appends.Count][];
        for (var i = 0; i < appends.Count; i++)
        {
            pending.Appended[i] = appends[i].Messages.Count == 0 ? [] : Append(catalog.Topic(appends[i].Topic), appends[i]);
        }

        if (pending.Unit is { } unit)
        {
            foreach (var update in unit.Positions)
            {
                Move(catalog.Group(update.Topic, unit.Fence!.Group), catalog.Partition(update.Topic, update.Partition), update.Progress);
            }

            foreach (var write in unit.State)
            {
                Write(write);
            }
        }
    }

    /// <summary>Ends the write: all batches are in it.</summary>
    public void Finish()
    {
        foreach (var partition in _partitions)
        {
            partition.Finish(store, _batch);
        }

        foreach (var ((group, number), (partition, progress)) in _positions)
        {
            _batch.Put(StoreKeys.Position(partition.Topic.Id, number, group.Name), ProgressCodec.Encode(progress), store.Positions);
        }
    }

    /// <summary>The write succeeded: the groups stand where it says. Under the catalogue's lock.</summary>
    public void Publish()
    {
        foreach (var ((group, number), (_, progress)) in _positions)
        {
            group.Commit(number, progress);
        }
    }

    public void Dispose() => _batch.Dispose();

    private void CheckPositions(CommitUnit? unit)
    {
        if (unit is null || unit.Positions.Count == 0)
        {
            return;
        }

        if (unit.Fence is not { } fence)
        {
            throw new BrokerException(BrokerErrorCode.Fenced, "A commit of positions needs the token of the member that owns them.");
        }

        _moved.Clear();
        foreach (var update in unit.Positions)
        {
            var partition = catalog.Partition(update.Topic, update.Partition);
            if (!catalog.Members.Owns(fence, update.Topic, update.Partition))
            {
                throw new BrokerException(BrokerErrorCode.Fenced,
                    $"Member {fence.Member} of group {fence.Group} does not own {update.Topic}/{update.Partition} in term {fence.Epoch} any more.");
            }

            if (!_moved.Add((update.Topic, update.Partition)))
            {
                throw new BrokerException(BrokerErrorCode.PositionInvalid, $"A unit moves {update.Topic}/{update.Partition} twice.");
            }

            var group = catalog.Group(update.Topic, fence.Group);
            var current = _positions.TryGetValue((group, update.Partition), out var staged) ? staged.Progress : group.Committed(update.Partition);
            ProgressRules.Check(update, current, partition.Visible.High);
        }
    }

    private void CheckAppends(PendingUnit pending)
    {
        _checked.Clear();
        for (var i = 0; i < pending.Appends.Count; i++)
        {
            var append = pending.Appends[i];
            var topic = catalog.Topic(append.Topic);
            if (append.Partition is { } partition)
            {
                catalog.Partition(append.Topic, partition);
            }

            if (pending.LargestMessage[i] > topic.Settings.MessageBytesMax)
            {
                throw new BrokerException(BrokerErrorCode.MessageTooLarge,
                    $"A message has {pending.LargestMessage[i]} bytes; topic {append.Topic} takes {topic.Settings.MessageBytesMax}.");
            }

            if (append.Dedupe == DedupeMode.BySequence && append.Messages.Count > 0)
            {
                CheckSequence(topic, append, append.Sequence!);
            }
        }
    }

    /// <summary>Sequences within one unit count on: later appends are checked against what the earlier ones will leave.</summary>
    private void CheckSequence(TopicState topic, TopicAppend append, ProducerSequence sequence)
    {
        var key = (topic.Id, append.Partition!.Value, sequence.Producer);
        var state = _checked.GetValueOrDefault(key) ?? dedupe.Producer(topic, append.Partition.Value, sequence.Producer);
        if (ProducerState.FindRepeat(state, sequence, append.Messages.Count) is null)
        {
            _checked[key] = ProducerState.After(state, sequence, new ProducerBatch(sequence.FirstSequence, append.Messages.Count, 0));
        }
    }

    private Appended[] Append(TopicState topic, TopicAppend append)
    {
        if (append.Dedupe == DedupeMode.BySequence)
        {
            return AppendBySequence(topic, append, append.Sequence!, topic.Partitions[append.Partition!.Value]);
        }

        var appended = new Appended[append.Messages.Count];
        var keyless = -1;
        for (var i = 0; i < appended.Length; i++)
        {
            var message = append.Messages[i];
            var hash = UInt128.Zero;
            var nowTicks = (_now - DateTimeOffset.UnixEpoch).Ticks;
            if (append.Dedupe == DedupeMode.ById && dedupe.Find(topic, message, nowTicks, out hash) is { } first)
            {
                appended[i] = new Appended(first, true);
                continue;
            }

            int partition;
            if (append.Partition is { } asked)
            {
                partition = asked;
            }
            else if (message.Key is { } key)
            {
                partition = Murmur2.Partition(key, topic.Partitions.Length);
            }
            else
            {
                partition = keyless = keyless >= 0 ? keyless : (int)(topic.RoundRobin++ % (uint)topic.Partitions.Length);
            }

            var position = Stage(topic.Partitions[partition]).Add(message, store, _batch);
            appended[i] = new Appended(position, false);
            if (append.Dedupe == DedupeMode.ById)
            {
                dedupe.Remember(topic, hash, position, nowTicks, _batch);
            }
        }

        return appended;
    }

    private Appended[] AppendBySequence(TopicState topic, TopicAppend append, ProducerSequence sequence, PartitionState partition)
    {
        var appended = new Appended[append.Messages.Count];
        var state = dedupe.Producer(topic, partition.Number, sequence.Producer);
        if (ProducerState.FindRepeat(state, sequence, appended.Length) is { } repeat)
        {
            for (var i = 0; i < appended.Length; i++)
            {
                appended[i] = new Appended(new Position(partition.Number, repeat.FirstOffset + i), true);
            }

            return appended;
        }

        var staged = Stage(partition);
        var batch = new ProducerBatch(sequence.FirstSequence, appended.Length, staged.Next);
        dedupe.Remember(topic, partition.Number, sequence.Producer, ProducerState.After(state, sequence, batch), _batch);
        for (var i = 0; i < appended.Length; i++)
        {
            appended[i] = new Appended(staged.Add(append.Messages[i], store, _batch), false);
        }

        return appended;
    }

    private StagedPartition Stage(PartitionState partition)
    {
        if (partition.Staged is not { } staged)
        {
            staged = _spare.TryPop(out var spare) ? spare : new StagedPartition(_memory, _large);
            staged.Begin(partition, _now);
            partition.Staged = staged;
            _partitions.Add(staged);
        }

        return staged;
    }

    private void Move(GroupState group, PartitionState partition, Progress progress) =>
        _positions[(group, partition.Number)] = (partition, progress);

    private void Write(StateWrite write)
    {
        var key = StoreKeys.State(write.Store, write.Partition, write.Key.Span);
        if (write.Value is { } value)
        {
            _batch.Put(key, value.Span, store.State);
        }
        else
        {
            _batch.Delete(key, store.State);
        }
    }
}
