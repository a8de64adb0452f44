using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Server.Connectors;

/// <summary>A topic as source: a member of the flow's group. Its record is the group's progress.</summary>
internal sealed class TopicSource(string topic, ISubscription subscription) : IFlowSource
{
    public string Topic => topic;

    public FencingToken? Fence => subscription.Fence;

    public DedupeMode Dedupe => DedupeMode.None;

    public static async ValueTask<IFlowSource> OpenAsync(IBroker broker, SubscribeOptions options, CancellationToken cancellationToken) =>
        new TopicSource(options.Topic, await broker.SubscribeAsync(options, cancellationToken));

    public ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken) =>
        subscription.ReceiveAsync(maxMessages, cancellationToken);

    public void Pause(int partition) => subscription.Pause(partition);

    public void Resume(int partition) => subscription.Resume(partition);

    public void Record(int partition, IReadOnlyList<CompletedMessage> completed, Progress progress, UnitDraft unit) =>
        unit.Positions.Add(new PositionUpdate(topic, partition, progress));

    public void Committed(int partition, IReadOnlyList<CompletedMessage> completed)
    {
        // The position is the whole record.
    }

    public ValueTask DisposeAsync() => subscription.DisposeAsync();
}
