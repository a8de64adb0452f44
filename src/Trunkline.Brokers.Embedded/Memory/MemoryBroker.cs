using System.Runtime.CompilerServices;
using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>
/// The broker in memory: the whole port but persistence, for tests and <c>broker: { kind: memory }</c>. One lock around
/// everything, so that it is plainly right rather than fast; what it holds is gone when it is disposed. Thread-safe.
/// </summary>
public sealed class MemoryBroker : IBroker, IGroupLog
{
    private const int DeliveryBytesMax = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly MemoryContents _contents;
    private readonly MemoryCommit _commit;
    private readonly Signal _changed = new();
    private bool _closed;

    /// <summary>An empty broker.</summary>
    /// <param name="time">The node's clock.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    public MemoryBroker(TimeProvider time, MemoryBrokerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _contents = new MemoryContents(options ?? new MemoryBrokerOptions());
        _commit = new MemoryCommit(_contents, options ?? new MemoryBrokerOptions());
    }

    /// <inheritdoc/>
    public string Kind => "memory";

    /// <inheritdoc/>
    public BrokerCapabilities Capabilities =>
        BrokerCapabilities.AtomicCommit | BrokerCapabilities.CompletedAbove | BrokerCapabilities.DedupeById
        | BrokerCapabilities.DedupeBySequence | BrokerCapabilities.SeekByTime | BrokerCapabilities.BinaryHeaders
        | BrokerCapabilities.State | BrokerCapabilities.Retention | BrokerCapabilities.Compaction | BrokerCapabilities.Erasure;

    /// <inheritdoc/>
    public ValueTask CreateTopicAsync(TopicSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Partitions, 1024);
        return Change(() =>
        {
            if (!TopicName.IsValid(settings.Name))
            {
                throw new BrokerException(BrokerErrorCode.TopicNameInvalid,
                    $"A topic name is 1 to {TopicName.MaxLength} of A-Z a-z 0-9 . _ - and neither \".\" nor \"..\".");
            }

            if (!_contents.Topics.TryGetValue(settings.Name, out var existing))
            {
                _contents.Topics.Add(settings.Name, new MemoryTopic(settings));
            }
            else if (existing.Settings != settings)
            {
                throw new BrokerException(BrokerErrorCode.TopicConflict, $"Topic {settings.Name} exists with other settings; alter or delete it.");
            }
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask AlterTopicAsync(TopicSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Change(() =>
        {
            var topic = _contents.Topic(settings.Name);
            if (settings.Partitions != topic.Settings.Partitions || settings.Compacted != topic.Settings.Compacted)
            {
                throw new BrokerException(BrokerErrorCode.TopicConflict, $"Partitions and compaction of topic {settings.Name} cannot change; delete and create it.");
            }

            topic.Settings = settings;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken) =>
        Change(() => _contents.DeleteTopic(topic), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TopicDescription>> ListTopicsAsync(CancellationToken cancellationToken) =>
        Look<IReadOnlyList<TopicDescription>>(() => [.. _contents.Topics.Values.Select(t => t.Describe())], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken) =>
        Look(() => _contents.Topic(topic).Describe(), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<GroupDescription>> DescribeGroupsAsync(string topic, CancellationToken cancellationToken) =>
        Look<IReadOnlyList<GroupDescription>>(() =>
        {
            _contents.Topic(topic);
            return [.. _contents.GroupsOf(topic).Select(g => g.Describe())];
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Appended>> AppendAsync(TopicAppend append, CancellationToken cancellationToken)
    {
        var result = await CommitAsync(new CommitUnit { Appends = [append] }, cancellationToken).ConfigureAwait(false);
        return result.Appended[0];
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unit);
        return Look(() =>
        {
            var result = _commit.Commit(unit, _time.GetUtcNow());
            _changed.Set();
            return result;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ISubscription> SubscribeAsync(SubscribeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Group);
        return Look<ISubscription>(() => new GroupSubscription(this, _contents.Join(options)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask SeekAsync(string topic, string group, SeekTarget target, CancellationToken cancellationToken) => Change(() =>
    {
        var found = _contents.Group(topic, group);
        var partitions = _contents.Topic(topic).Partitions;
        if (target is SeekTarget.Offset one)
        {
            _contents.Partition(topic, one.Partition);
            if (one.Value < 0)
            {
                throw new BrokerException(BrokerErrorCode.PositionInvalid, $"Offset {one.Value} is negative.");
            }

            found.Commit(one.Partition, Progress.At(one.Value));
            _contents.Members.Reassign(topic, group, [one.Partition]);
            return;
        }

        for (var i = 0; i < partitions.Length; i++)
        {
            found.Commit(i, Progress.At(target switch
            {
                SeekTarget.Time time => partitions[i].OffsetAt(time.Value),
                SeekTarget.Earliest => partitions[i].Low,
                _ => partitions[i].High,
            }));
        }

        _contents.Members.Reassign(topic, group, null);
    }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.MaxMessages, 1);
        return Look(() => _contents.Partition(request.Topic, request.Partition).Read(request.Offset, request.MaxMessages, request.MaxBytes).Messages, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(string topic, int partition, long offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _changed.Next;
            if (await Look(() => _contents.Partition(topic, partition).Holds(offset), cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> OffsetAtAsync(string topic, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        Look(() => _contents.Partition(topic, partition).OffsetAt(time), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string store, int partition, ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        Look(() => _contents.State.Read(store, partition, key), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StateEntry> ScanStateAsync(
        string store, int partition, ReadOnlyMemory<byte> prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in await Look(() => _contents.State.Scan(store, partition, prefix), cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> ApplyRetentionAsync(bool force, CancellationToken cancellationToken) =>
        Look(() => _contents.ApplyRetention(force, _time.GetUtcNow()), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> EraseAsync(string topic, IReadOnlyList<ErasedMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return Look(() => _contents.Topic(topic).Erase(messages), cancellationToken);
    }

    /// <summary>What was erased is gone from memory already.</summary>
    public ValueTask ScrubAsync(CancellationToken cancellationToken) => Change(static () => { }, cancellationToken);

    /// <summary>Ends all subscriptions; every later call fails with <see cref="BrokerErrorCode.Closed"/>.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            _contents.Members.Close();
        }

        _changed.Set();
        return ValueTask.CompletedTask;
    }

    (GroupChange Change, IReadOnlyList<Progress> Progress)? IGroupLog.TakeChange(GroupMember member)
    {
        lock (_gate)
        {
            return _contents.Members.TakeChange(member) is { } change
                ? (change, [.. change.Partitions.Select(_contents.Group(member.Topic, member.Group).Current)])
                : null;
        }
    }

    PartitionRead IGroupLog.Read(string topic, int partition, long offset, int maxMessages)
    {
        lock (_gate)
        {
            return _contents.Partition(topic, partition).Read(offset, maxMessages, DeliveryBytesMax);
        }
    }

    void IGroupLog.Leave(GroupMember member)
    {
        lock (_gate)
        {
            _contents.Leave(member);
        }
    }

    private ValueTask Change(Action change, CancellationToken cancellationToken) => new(Look(() =>
    {
        change();
        _changed.Set();
        return true;
    }, cancellationToken).AsTask());

    private ValueTask<T> Look<T>(Func<T> look, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        try
        {
            lock (_gate)
            {
                return _closed ? throw new BrokerException(BrokerErrorCode.Closed, "The memory broker was closed.") : new ValueTask<T>(look());
            }
        }
        catch (BrokerException refusal)
        {
            return ValueTask.FromException<T>(refusal);
        }
    }
}
