using Trunkline.Messaging.Topics;

namespace Trunkline.Messaging.Brokers;

/// <summary>
/// The broker port. Thread-safe. Refusals and failures are <see cref="BrokerException"/>; what the broker does not
/// declare in <see cref="Capabilities"/> fails with <see cref="BrokerErrorCode.NotSupported"/>.
/// </summary>
public interface IBroker : IAsyncDisposable
{
    /// <summary>The kind, as in the project file: <c>embedded</c>, <c>memory</c>, <c>kafka</c>, …</summary>
    string Kind { get; }

    /// <summary>What this broker can do.</summary>
    BrokerCapabilities Capabilities { get; }

    /// <summary>
    /// Why it appends nothing at the moment, such as a full disk, while it goes on to be read; null if it appends, or does not know before it is tried.
    /// </summary>
    BrokerException? Refusal => null;

    /// <summary>Creates a topic; succeeds if it exists with equal settings.</summary>
    ValueTask CreateTopicAsync(TopicSettings settings, CancellationToken cancellationToken);

    /// <summary>Changes what may change of a topic (all but name, partitions, compaction).</summary>
    ValueTask AlterTopicAsync(TopicSettings settings, CancellationToken cancellationToken);

    /// <summary>Deletes a topic with its messages, positions and dedupe entries.</summary>
    ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken);

    /// <summary>All topics, by name.</summary>
    ValueTask<IReadOnlyList<TopicDescription>> ListTopicsAsync(CancellationToken cancellationToken);

    /// <summary>One topic.</summary>
    ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken);

    /// <summary>The groups that have a position or a member on a topic.</summary>
    ValueTask<IReadOnlyList<GroupDescription>> DescribeGroupsAsync(string topic, CancellationToken cancellationToken);

    /// <summary>Appends to one topic: a unit of its own, all or nothing on atomic brokers.</summary>
    ValueTask<IReadOnlyList<Appended>> AppendAsync(TopicAppend append, CancellationToken cancellationToken);

    /// <summary>Commits a unit. When it returns, the unit is as durable as its topics ask.</summary>
    ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken);

    /// <summary>Joins a group.</summary>
    ValueTask<ISubscription> SubscribeAsync(SubscribeOptions options, CancellationToken cancellationToken);

    /// <summary>Moves a group. Members get the new place as if it were assigned anew; their older tokens are refused.</summary>
    ValueTask SeekAsync(string topic, string group, SeekTarget target, CancellationToken cancellationToken);

    /// <summary>
    /// Reads without a group, at most the given number of messages and about the given bytes (at least one message if there is one).
    /// An offset below the oldest starts at the oldest.
    /// </summary>
    ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(ReadRequest request, CancellationToken cancellationToken);

    /// <summary>Completes when the partition holds a message at or above the offset.</summary>
    ValueTask WaitAsync(string topic, int partition, long offset, CancellationToken cancellationToken);

    /// <summary>The first offset appended at or after a time, or the end.</summary>
    ValueTask<long> OffsetAtAsync(string topic, int partition, DateTimeOffset time, CancellationToken cancellationToken);

    /// <summary>The value of a state key, or null.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string store, int partition, ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <summary>Entries of a state store whose key starts with the prefix, in key order.</summary>
    IAsyncEnumerable<StateEntry> ScanStateAsync(string store, int partition, ReadOnlyMemory<byte> prefix, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what each topic's retention allows now. Never passes the lowest position of a group that ever committed,
    /// unless forced.
    /// </summary>
    /// <returns>Messages removed.</returns>
    ValueTask<long> ApplyRetentionAsync(bool force, CancellationToken cancellationToken);

    /// <summary>
    /// Erases messages of a topic: readers pass over their offsets, groups go on behind them, and what recognises their repeats is forgotten.
    /// Offsets that hold nothing (any more) are passed over, so that it may be called again. Durable when it returns; until
    /// <see cref="ScrubAsync"/> the bytes may still be on the disk.
    /// </summary>
    /// <returns>Messages erased.</returns>
    ValueTask<long> EraseAsync(string topic, IReadOnlyList<ErasedMessage> messages, CancellationToken cancellationToken);

    /// <summary>
    /// Rewrites what is stored, so that of everything erased, deleted or replaced before the call no byte is left in the broker's files.
    /// Costs about a copy of the store, and as much free space.
    /// </summary>
    ValueTask ScrubAsync(CancellationToken cancellationToken);
}

/// <summary>A message to erase.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Replacement">What stands there from now on, appended when the erased one was; null for nothing.</param>
public sealed record ErasedMessage(Position Position, Message? Replacement = null);

/// <summary>What to read.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">First offset wanted.</param>
/// <param name="MaxMessages">At least 1. Fewer may come although there are more; only an empty page is the end.</param>
/// <param name="MaxBytes">About; default 4 MiB.</param>
public sealed record ReadRequest(string Topic, int Partition, long Offset, int MaxMessages, int MaxBytes = 4 * 1024 * 1024);
