using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>
/// The topics, groups and owners of a node. Everything in it is read and changed under <see cref="Gate"/>, which is never held
/// over input or output; what it holds changes on the writer's thread only, so commits and changes of ownership have one order.
/// </summary>
internal sealed class Catalog(GroupRegistry members)
{
    private readonly Dictionary<string, TopicState> _topics = new(StringComparer.Ordinal);

    /// <summary>The one lock; nothing else is locked inside it.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Who owns what.</summary>
    public GroupRegistry Members { get; } = members;

    /// <summary>All topics, by name.</summary>
    public IEnumerable<TopicState> Topics => _topics.Values.OrderBy(t => t.Settings.Name, StringComparer.Ordinal);

    public void Add(TopicState topic) => _topics.Add(topic.Settings.Name, topic);

    public void Remove(TopicState topic)
    {
        topic.Deleted = true;
        _topics.Remove(topic.Settings.Name);
        Members.RemoveTopic(topic.Settings.Name);
        foreach (var partition in topic.Partitions)
        {
            partition.Changed.Set();
        }
    }

    public TopicState? Find(string name) => _topics.GetValueOrDefault(name);

    public TopicState Topic(string name) => Find(name)
        ?? throw new BrokerException(BrokerErrorCode.TopicNotFound, $"There is no topic {name}; create it first.");

    public PartitionState Partition(string topic, int partition)
    {
        var partitions = Topic(topic).Partitions;
        return (uint)partition < (uint)partitions.Length
            ? partitions[partition]
            : throw new BrokerException(BrokerErrorCode.PartitionNotFound, $"Topic {topic} has partitions 0 to {partitions.Length - 1}, not {partition}.");
    }

    public GroupState Group(string topic, string group) => Topic(topic).Groups.TryGetValue(group, out var found)
        ? found
        : throw new BrokerException(BrokerErrorCode.GroupNotFound, $"Topic {topic} has no group {group}: it has neither a position nor a member.");

    /// <summary>Joins a group, which begins now if it is new.</summary>
    public GroupMember Join(SubscribeOptions options)
    {
        var topic = Topic(options.Topic);
        if (!topic.Groups.ContainsKey(options.Group))
        {
            topic.Groups.Add(options.Group, new GroupState(options.Group, topic, options.Start));
        }

        return Members.Join(options.Topic, options.Group, topic.Partitions.Length);
    }

    /// <summary>A group that never committed ends with its last member, so that passing readers leave nothing behind.</summary>
    public void Leave(GroupMember member)
    {
        Members.Leave(member);
        if (Find(member.Topic) is { } topic && !Members.HasMembers(member.Topic, member.Group)
            && topic.Groups.TryGetValue(member.Group, out var group) && !group.Durable)
        {
            topic.Groups.Remove(member.Group);
        }
    }
}
