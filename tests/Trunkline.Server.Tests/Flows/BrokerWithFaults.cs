using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Server.Tests.Flows;

/// <summary>Passes everything on to a broker, but asks before and after each commit what is to happen.</summary>
internal sealed class BrokerWithFaults(IBroker inner) : IBroker
{
    /// <summary>Asked before a commit; throws to refuse it.</summary>
    public Func<CommitUnit, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Asked before an append; throws to refuse it.</summary>
    public Func<TopicAppend, Task> BeforeAppend { get; set; } = _ => Task.CompletedTask;

    public string Kind => inner.Kind;

    public BrokerCapabilities Capabilities => inner.Capabilities;

    public async ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken)
    {
        await Before(unit);
        return await inner.CommitAsync(unit, cancellationToken);
    }

    public ValueTask CreateTopicAsync(TopicSettings settings, CancellationToken cancellationToken) => inner.CreateTopicAsync(settings, cancellationToken);

    public ValueTask AlterTopicAsync(TopicSettings settings, CancellationToken cancellationToken) => inner.AlterTopicAsync(settings, cancellationToken);

    public ValueTask<long> EraseAsync(string topic, IReadOnlyList<ErasedMessage> messages, CancellationToken cancellationToken) =>
        inner.EraseAsync(topic, messages, cancellationToken);

    public ValueTask ScrubAsync(CancellationToken cancellationToken) => inner.ScrubAsync(cancellationToken);

    public ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken) => inner.DeleteTopicAsync(topic, cancellationToken);

    public ValueTask<IReadOnlyList<TopicDescription>> ListTopicsAsync(CancellationToken cancellationToken) => inner.ListTopicsAsync(cancellationToken);

    public ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken) => inner.DescribeTopicAsync(topic, cancellationToken);

    public ValueTask<IReadOnlyList<GroupDescription>> DescribeGroupsAsync(string topic, CancellationToken cancellationToken) =>
        inner.DescribeGroupsAsync(topic, cancellationToken);

    public async ValueTask<IReadOnlyList<Appended>> AppendAsync(TopicAppend append, CancellationToken cancellationToken)
    {
        await BeforeAppend(append);
        return await inner.AppendAsync(append, cancellationToken);
    }

    public ValueTask<ISubscription> SubscribeAsync(SubscribeOptions options, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(options, cancellationToken);

    public ValueTask SeekAsync(string topic, string group, SeekTarget target, CancellationToken cancellationToken) =>
        inner.SeekAsync(topic, group, target, cancellationToken);

    public ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(ReadRequest request, CancellationToken cancellationToken) =>
        inner.ReadAsync(request, cancellationToken);

    public ValueTask WaitAsync(string topic, int partition, long offset, CancellationToken cancellationToken) =>
        inner.WaitAsync(topic, partition, offset, cancellationToken);

    public ValueTask<long> OffsetAtAsync(string topic, int partition, DateTimeOffset time, CancellationToken cancellationToken) =>
        inner.OffsetAtAsync(topic, partition, time, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string store, int partition, ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        inner.ReadStateAsync(store, partition, key, cancellationToken);

    public IAsyncEnumerable<StateEntry> ScanStateAsync(string store, int partition, ReadOnlyMemory<byte> prefix, CancellationToken cancellationToken) =>
        inner.ScanStateAsync(store, partition, prefix, cancellationToken);

    public ValueTask<long> ApplyRetentionAsync(bool force, CancellationToken cancellationToken) => inner.ApplyRetentionAsync(force, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
