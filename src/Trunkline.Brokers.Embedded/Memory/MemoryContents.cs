using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>All a memory broker holds. Used under its lock only.</summary>
internal sealed class MemoryContents(MemoryBrokerOptions options)
{
    public SortedDictionary<string, MemoryTopic> Topics { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string Topic, string Group), MemoryGroup> Groups { get; } = [];

    public GroupRegistry Members { get; } = new();

    public MemoryState State { get; } = new();

    public MemoryTopic Topic(string name) => Topics.TryGetValue(name, out var topic)
        ? topic
        : throw new BrokerException(BrokerErrorCode.TopicNotFound, $"There is no topic {name}; create it first.");

    public MemoryPartition Partition(string topic, int partition)
    {
        var partitions = Topic(topic).Partitions;
        return (uint)partition < (uint)partitions.Length
            ? partitions[partition]
            : throw new BrokerException(BrokerErrorCode.PartitionNotFound, $"Topic {topic} has partitions 0 to {partitions.Length - 1}, not {partition}.");
    }

    public MemoryGroup Group(string topic, string group)
    {
        Topic(topic);
        return Groups.TryGetValue((topic, group), out var found)
            ? found
            : throw new BrokerException(BrokerErrorCode.GroupNotFound, $"Topic {topic} has no group {group}: it has neither a position nor a member.");
    }

    public IEnumerable<MemoryGroup> GroupsOf(string topic) =>
        Groups.Where(g => g.Key.Topic == topic).OrderBy(g => g.Key.Group, StringComparer.Ordinal).Select(g => g.Value);

    public GroupMember Join(SubscribeOptions subscribe)
    {
        var topic = Topic(subscribe.Topic);
        if (!Groups.ContainsKey((subscribe.Topic, subscribe.Group)))
        {
            if (Groups.Count >= options.GroupsMax)
            {
                throw new BrokerException(BrokerErrorCode.Overloaded, $"The memory broker holds {Groups.Count} groups, its bound; raise it or reuse groups.");
            }

            Groups.Add((subscribe.Topic, subscribe.Group), new MemoryGroup(subscribe.Group, topic, subscribe.Start));
        }

        return Members.Join(subscribe.Topic, subscribe.Group, topic.Partitions.Length);
    }

    /// <summary>A group that never committed ends with its last member, so that passing readers leave nothing behind.</summary>
    public void Leave(GroupMember member)
    {
        Members.Leave(member);
        var key = (member.Topic, member.Group);
        if (!Members.HasMembers(member.Topic, member.Group) && Groups.TryGetValue(key, out var group) && !group.Durable)
        {
            Groups.Remove(key);
        }
    }

    public void DeleteTopic(string name)
    {
        Topic(name);
        Topics.Remove(name);
        Members.RemoveTopic(name);
        foreach (var key in Groups.Keys.Where(k => k.Topic == name).ToArray())
        {
            Groups.Remove(key);
        }
    }

    public long ApplyRetention(bool force, DateTimeOffset now)
    {
        long removed = 0;
        foreach (var (name, topic) in Topics)
        {
            var durable = GroupsOf(name).Where(g => g.Durable).ToList();
            for (var number = 0; number < topic.Partitions.Length; number++)
            {
                var partition = topic.Partitions[number];
                var floor = force || durable.Count == 0 ? partition.High : durable.Min(g => g.Current(number).Next);
                removed += partition.Retain(topic.Settings, floor, now);
                removed += topic.Settings.Compacted ? partition.Compact() : 0;
            }

            Members.Wake(name);
        }

        return removed;
    }

    /// <summary>What counts against the bound.</summary>
    public long Bytes => State.Bytes + Topics.Values.Sum(t => t.DedupeBytes
        + (t.Producers.Count * 8L * MemorySize.Entry)
        + t.Partitions.Sum(p => p.StoredBytes));
}
