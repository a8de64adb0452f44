using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Server.Faults;

/// <summary>Passes everything on to a broker it does not own; what derives from it puts something in between. Thread-safe.</summary>
internal abstract class PassingBroker(IBroker inner) : IBroker
{
    /// <inheritdoc/>
    public string Kind => inner.Kind;

    /// <inheritdoc/>
    public BrokerCapabilities Capabilities => inner.Capabilities;

    /// <inheritdoc/>
    public BrokerException? Refusal => inner.Refusal;

    /// <inheritdoc/>
    public virtual ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken) => inner.CommitAsync(unit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask CreateTopicAsync(TopicSettings settings, CancellationToken cancellationToken) => inner.CreateTopicAsync(settings, cancellationToken);

    /// <inheritdoc/>
    public ValueTask AlterTopicAsync(TopicSettings settings, CancellationToken cancellationToken) => inner.AlterTopicAsync(settings, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken) => inner.DeleteTopicAsync(topic, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TopicDescription>> ListTopicsAsync(CancellationToken cancellationToken) => inner.ListTopicsAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken) => inner.DescribeTopicAsync(topic, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<GroupDescription>> DescribeGroupsAsync(string topic, CancellationToken cancellationToken) =>
        inner.DescribeGroupsAsync(topic, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<Appended>> AppendAsync(TopicAppend append, CancellationToken cancellationToken) => inner.AppendAsync(append, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ISubscription> SubscribeAsync(SubscribeOptions options, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(options, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SeekAsync(string topic, string group, SeekTarget target, CancellationToken cancellationToken) =>
        inner.SeekAsync(topic, group, target, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(ReadRequest request, CancellationToken cancellationToken) =>
        inner.ReadAsync(request, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WaitAsync(string topic, int partition, long offset, CancellationToken cancellationToken) =>
        inner.WaitAsync(topic, partition, offset, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> OffsetAtAsync(string topic, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        inner.OffsetAtAsync(topic, partition, time, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string store, int partition, ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        inner.ReadStateAsync(store, partition, key, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StateEntry> ScanStateAsync(string store, int partition, ReadOnlyMemory<byte> prefix, CancellationToken cancellationToken) =>
        inner.ScanStateAsync(store, partition, prefix, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> ApplyRetentionAsync(bool force, CancellationToken cancellationToken) => inner.ApplyRetentionAsync(force, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> EraseAsync(string topic, IReadOnlyList<ErasedMessage> messages, CancellationToken cancellationToken) =>
        inner.EraseAsync(topic, messages, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ScrubAsync(CancellationToken cancellationToken) => inner.ScrubAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
