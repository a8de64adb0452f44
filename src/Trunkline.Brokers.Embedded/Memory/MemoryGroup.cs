using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>A group's progress on one topic. Where it began is fixed when it is first subscribed, so that nothing falls between two subscriptions.</summary>
internal sealed class MemoryGroup(string name, MemoryTopic topic, SubscribeStart start)
{
    private readonly Progress?[] _committed = new Progress?[topic.Partitions.Length];
    private readonly long[] _start = [.. topic.Partitions.Select(p => start == SubscribeStart.Earliest ? p.Low : p.High)];

    /// <summary>True if it ever committed on the topic: then retention waits for it in every partition.</summary>
    public bool Durable => _committed.Any(p => p is not null);

    public Progress? Committed(int partition) => _committed[partition];

    public Progress Current(int partition) => _committed[partition] ?? Progress.At(_start[partition]);

    public void Commit(int partition, Progress progress) => _committed[partition] = progress;

    public GroupDescription Describe() => new(name, topic.Settings.Name, [.. topic.Partitions.Select((partition, number) =>
    {
        var progress = Current(number);
        var open = partition.From(progress.Next).Where(m => !progress.IsCompleted(m.Position.Offset)).ToList();
        return new GroupPartition(number, _committed[number]?.Next, open.Count, open.Count == 0 ? null : open[0].AppendedAt);
    })]);
}
