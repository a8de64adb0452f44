using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>A group's progress on one topic. Where it began is fixed when it is first subscribed, so that nothing falls between two subscriptions.</summary>
internal sealed class GroupState
{
    private readonly Progress?[] _committed;
    private readonly long[] _start;

    public GroupState(string name, TopicState topic, SubscribeStart start)
    {
        Name = name;
        _committed = new Progress?[topic.Partitions.Length];
        _start = [.. topic.Partitions.Select(p => start == SubscribeStart.Earliest ? p.Visible.Low : p.Visible.High)];
    }

    public string Name { get; }

    /// <summary>True if it ever committed on the topic: then retention waits for it in every partition.</summary>
    public bool Durable { get; private set; }

    public Progress? Committed(int partition) => _committed[partition];

    public Progress Current(int partition) => _committed[partition] ?? Progress.At(_start[partition]);

    public void Commit(int partition, Progress progress)
    {
        _committed[partition] = progress;
        Durable = true;
    }
}
