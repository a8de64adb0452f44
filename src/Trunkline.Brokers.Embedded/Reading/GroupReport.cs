using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>Tells where groups stand. The state is taken under the lock, messages are read outside it.</summary>
internal sealed class GroupReport(Catalog catalog, LogReader log)
{
    public IReadOnlyList<GroupDescription> Describe(string name)
    {
        List<(GroupState Group, Progress?[] Committed, Progress[] Current)> groups;
        TopicState topic;
        lock (catalog.Gate)
        {
            topic = catalog.Topic(name);
            groups = [.. topic.Groups.Values.Select(g => (g,
                topic.Partitions.Select(p => g.Committed(p.Number)).ToArray(), topic.Partitions.Select(p => g.Current(p.Number)).ToArray()))];
        }

        return [.. groups.Select(g => new GroupDescription(g.Group.Name, name,
            [.. topic.Partitions.Select(p => Describe(p, g.Committed[p.Number], g.Current[p.Number]))]))];
    }

    private GroupPartition Describe(PartitionState partition, Progress? committed, Progress current)
    {
        var extent = partition.Visible;
        var from = Math.Max(current.Next, extent.Low);
        var lag = Math.Max(0, extent.High - from);
        var oldest = from;
        foreach (var range in current.CompletedAbove)
        {
            lag -= Math.Max(0, Math.Min(range.Until, extent.High) - Math.Max(range.From, from));
            oldest = range.From <= oldest && oldest < range.Until ? range.Until : oldest;
        }

        var first = lag > 0 ? log.Read(partition, oldest, 1, 1).Messages : [];
        // All that is left was erased: there is nothing to do, and nobody will ever complete it.
        return new GroupPartition(partition.Number, committed?.Next, first.Count > 0 ? lag : 0, first.Count > 0 ? first[0].AppendedAt : null);
    }
}
