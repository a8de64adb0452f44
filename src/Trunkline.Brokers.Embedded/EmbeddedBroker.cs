using System.Runtime.CompilerServices;
using Trunkline.Brokers.Embedded.Backups;
using Trunkline.Brokers.Embedded.Commits;
using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Brokers.Embedded.Upkeep;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded;

/// <summary>
/// The durable broker of one node, on RocksDB. With durability <c>sync</c> an acknowledged append or commit survives <c>kill -9</c>
/// and power loss. Thread-safe. At its bounds appends wait (<see cref="EmbeddedBrokerOptions.QueueBytesMax"/>), then are refused
/// with <see cref="BrokerErrorCode.Overloaded"/>. A cancelled append that the writer has begun still ends with its outcome.
/// After a failed write or sync everything is refused with <see cref="BrokerErrorCode.StoreFailed"/> until the store is opened anew.
/// </summary>
public sealed class EmbeddedBroker : IBroker, IGroupLog
{
    private const int DeliveryBytesMax = 4 * 1024 * 1024;

    private readonly BrokerCore _core;
    private readonly LogReader _log;
    private readonly StateReader _state;
    private readonly TopicChanges _topics;
    private readonly Maintenance _maintenance;
    private int _closed;

    private EmbeddedBroker(BrokerCore core)
    {
        _core = core;
        _log = new LogReader(core.Store);
        _state = new StateReader(core.Store);
        _topics = new TopicChanges(core);
        _maintenance = new Maintenance(core, _log);
    }

    /// <inheritdoc/>
    public string Kind => "embedded";

    /// <inheritdoc/>
    public BrokerCapabilities Capabilities =>
        BrokerCapabilities.AtomicCommit | BrokerCapabilities.CompletedAbove | BrokerCapabilities.DedupeById
        | BrokerCapabilities.DedupeBySequence | BrokerCapabilities.SeekByTime | BrokerCapabilities.BinaryHeaders
        | BrokerCapabilities.State | BrokerCapabilities.Retention | BrokerCapabilities.SyncDurability
        | BrokerCapabilities.Persistent | BrokerCapabilities.Compaction | BrokerCapabilities.Erasure;

    /// <inheritdoc/>
    public BrokerException? Refusal => _core.Refusal;

    /// <summary>Opens the store, making it if there is none.</summary>
    /// <exception cref="BrokerException">
    /// <see cref="BrokerErrorCode.StoreLocked"/>, <see cref="BrokerErrorCode.StoreNewer"/>, <see cref="BrokerErrorCode.StoreDamaged"/>
    /// (acknowledged data is missing, or stored bytes were altered), <see cref="BrokerErrorCode.DiskFull"/>, <see cref="BrokerErrorCode.StoreFailed"/>.
    /// </exception>
    public static async Task<EmbeddedBroker> OpenAsync(EmbeddedBrokerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new EmbeddedBroker(await Task.Run(() => BrokerCore.Open(options), cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask CreateTopicAsync(TopicSettings settings, CancellationToken cancellationToken)
    {
        TopicChanges.Check(settings);
        await Change(() => _topics.Create(settings), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask AlterTopicAsync(TopicSettings settings, CancellationToken cancellationToken)
    {
        TopicChanges.Check(settings);
        await Change(() => _topics.Alter(settings), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken)
    {
        var bytes = await Change(() => _topics.Delete(topic), cancellationToken).ConfigureAwait(false);
        await _maintenance.ReclaimAsync(bytes).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TopicDescription>> ListTopicsAsync(CancellationToken cancellationToken) =>
        Look<IReadOnlyList<TopicDescription>>(() => [.. _core.Catalog.Topics.Select(t => t.Describe())], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken) =>
        Look(() => _core.Catalog.Topic(topic).Describe(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<GroupDescription>> DescribeGroupsAsync(string topic, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var groups = new GroupReport(_core.Catalog, _log, topic);

        // Most groups are at the end: a thread of its own for each of a hundred topics would cost more than all they have to tell.
        return groups.Reads ? await Task.Run(groups.Describe, cancellationToken).ConfigureAwait(false) : groups.Describe();
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Appended>> AppendAsync(TopicAppend append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new PendingUnit(append);
        var answer = pending.AppendTask;
        Submit(pending, cancellationToken);
        return answer;
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unit);
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new PendingUnit(unit);
        var answer = pending.Task;
        Submit(pending, cancellationToken);
        return answer;
    }

    /// <inheritdoc/>
    public async ValueTask<ISubscription> SubscribeAsync(SubscribeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Group);
        var member = await Change(() =>
        {
            lock (_core.Catalog.Gate)
            {
                return _core.Catalog.Join(options);
            }
        }, cancellationToken).ConfigureAwait(false);
        return new GroupSubscription(this, member);
    }

    /// <inheritdoc/>
    public async ValueTask SeekAsync(string topic, string group, SeekTarget target, CancellationToken cancellationToken)
    {
        var partitions = await Look(() =>
        {
            _core.Catalog.Group(topic, group);
            return target is SeekTarget.Offset one ? [_core.Catalog.Partition(topic, one.Partition)] : _core.Catalog.Topic(topic).Partitions;
        }, cancellationToken).ConfigureAwait(false);
        if (target is SeekTarget.Offset { Value: < 0 } negative)
        {
            throw new BrokerException(BrokerErrorCode.PositionInvalid, $"Offset {negative.Value} is negative.");
        }

        await Change(() => _topics.Seek(topic, group, partitions.ToDictionary(p => p.Number, p => target switch
        {
            SeekTarget.Offset offset => offset.Value,
            SeekTarget.Time time => TimeIndex.OffsetAt(_core.Store, p, time.Value),
            SeekTarget.Earliest => p.Visible.Low,
            _ => p.Visible.High,
        })), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.MaxMessages, 1);
        var partition = await Partition(request.Topic, request.Partition, cancellationToken).ConfigureAwait(false);
        // The end of the log is in memory; further back the disk may have to be waited for.
        return partition.Tail.Reaches(request.Offset)
            ? _log.Read(partition, request.Offset, request.MaxMessages, request.MaxBytes).Messages
            : await Task.Run(() => _log.Read(partition, request.Offset, request.MaxMessages, request.MaxBytes).Messages, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(string topic, int partition, long offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = await Partition(topic, partition, cancellationToken).ConfigureAwait(false);
            var next = state.Changed.Next;
            if (state.Visible.High > offset && await HoldsAsync(state, offset, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            // Deleted or closed between the look and the wait: the signal was set already, so look again.
            if (!state.Topic.Deleted && Volatile.Read(ref _closed) == 0)
            {
                await next.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> OffsetAtAsync(string topic, int partition, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var state = await Partition(topic, partition, cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => TimeIndex.OffsetAt(_core.Store, state, time), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string store, int partition, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_state.Read(store, partition, key.Span));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StateEntry> ScanStateAsync(
        string store, int partition, ReadOnlyMemory<byte> prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? after = null;
        while (true)
        {
            var from = after;
            var page = await Task.Run(() => _state.Page(store, partition, prefix.Span, from.GetValueOrDefault().Span, from is null), cancellationToken).ConfigureAwait(false);
            foreach (var entry in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return entry;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            after = page[^1].Key;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> ApplyRetentionAsync(bool force, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return await _maintenance.ApplyRetentionAsync(force, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes a backup while the broker goes on: everything acknowledged before the call is in it, and what is committed meanwhile is, unit by
    /// unit, in it or not. <see cref="StoreRestore"/> makes a store of it.
    /// </summary>
    /// <param name="directory">A folder that does not exist yet; on the store's volume it costs little, being links.</param>
    /// <param name="cancellationToken">Checked before it begins.</param>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.StoreFailed"/>: the folder exists or cannot be written; <see cref="BrokerErrorCode.DiskFull"/>.</exception>
    public async Task<BackupNote> BackupAsync(string directory, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        return await new BackupWriter(_core).WriteAsync(directory).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<long> EraseAsync(string topic, IReadOnlyList<ErasedMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var state = await Look(() => _core.Catalog.Topic(topic), cancellationToken).ConfigureAwait(false);
        return await _maintenance.EraseAsync(state, messages, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ScrubAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        await _maintenance.ScrubAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends all subscriptions, commits what is queued, syncs and closes the store. Later calls fail with <see cref="BrokerErrorCode.Closed"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            await Task.Run(_core.Dispose).ConfigureAwait(false);
            _maintenance.Dispose();
        }
    }

    (GroupChange Change, IReadOnlyList<Progress> Progress)? IGroupLog.TakeChange(GroupMember member)
    {
        lock (_core.Catalog.Gate)
        {
            return _core.Catalog.Members.TakeChange(member) is { } change
                ? (change, [.. change.Partitions.Select(_core.Catalog.Group(member.Topic, member.Group).Current)])
                : null;
        }
    }

    PartitionRead IGroupLog.Read(string topic, int partition, long offset, int maxMessages)
    {
        PartitionState state;
        lock (_core.Catalog.Gate)
        {
            state = _core.Catalog.Partition(topic, partition);
        }

        return _log.Read(state, offset, maxMessages, DeliveryBytesMax);
    }

    void IGroupLog.Leave(GroupMember member)
    {
        if (Volatile.Read(ref _closed) == 0)
        {
            // In the order of commits: what the member committed before it left counts. Nobody needs to wait for it.
            _ = _core.Change(() =>
            {
                lock (_core.Catalog.Gate)
                {
                    _core.Catalog.Leave(member);
                    return true;
                }
            });
        }
    }

    /// <summary>False if all from the offset on was erased. What is at the end of the log and in memory was not.</summary>
    private async ValueTask<bool> HoldsAsync(PartitionState partition, long offset, CancellationToken cancellationToken) =>
        partition.Tail.Reaches(offset)
        || (await Task.Run(() => _log.Read(partition, offset, 1, 1).Messages, cancellationToken).ConfigureAwait(false)).Count > 0;

    private void Submit(PendingUnit pending, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        pending.CancelWith(cancellationToken);
        _core.Queue.Add(pending);
    }

    private Task<T> Change<T>(Func<T> change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        return _core.Change(change);
    }

    private ValueTask<PartitionState> Partition(string topic, int partition, CancellationToken cancellationToken) =>
        Look(() => _core.Catalog.Partition(topic, partition), cancellationToken);

    private ValueTask<T> Look<T>(Func<T> look, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        lock (_core.Catalog.Gate)
        {
            return new ValueTask<T>(look());
        }
    }

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _closed) != 0)
        {
            throw new BrokerException(BrokerErrorCode.Closed, "The embedded broker was closed.");
        }
    }
}
