using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>Where the groups of a topic stand. The state is taken under the lock; messages are read outside it, and only where some wait.</summary>
internal sealed class GroupReport
{
    private readonly LogReader _log;
    private readonly string _topic;
    private readonly List<(string Group, List<Standing> Partitions)> _groups;

    /// <summary>Takes the state.</summary>
    /// <param name="catalog">Holds it.</param>
    /// <param name="log">Holds the messages.</param>
    /// <param name="name">The topic.</param>
    public GroupReport(Catalog catalog, LogReader log, string name)
    {
        (_log, _topic) = (log, name);
        lock (catalog.Gate)
        {
            var topic = catalog.Topic(name);
            _groups = [.. topic.Groups.Values.Select(g => (g.Name, topic.Partitions.Select(p => Stand(p, g.Committed(p.Number), g.Current(p.Number))).ToList()))];
        }
    }

    /// <summary>Whether it takes reading of messages to tell.</summary>
    public bool Reads => _groups.Any(g => g.Partitions.Any(p => p.Lag > 0));

    /// <summary>Tells it.</summary>
    public IReadOnlyList<GroupDescription> Describe() => [.. _groups.Select(g => new GroupDescription(g.Group, _topic, [.. g.Partitions.Select(Describe)]))];

    private static Standing Stand(PartitionState partition, Progress? committed, Progress current)
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

        return new Standing(partition, committed?.Next, lag, oldest);
    }

    private GroupPartition Describe(Standing at)
    {
        var first = at.Lag > 0 ? _log.Read(at.Partition, at.Oldest, 1, 1).Messages : [];
        // All that is left was erased: there is nothing to do, and nobody will ever complete it.
        return new GroupPartition(at.Partition.Number, at.Committed, first.Count > 0 ? at.Lag : 0, first.Count > 0 ? first[0].AppendedAt : null);
    }

    /// <summary>Where a group stands in a partition: messages not completed, and where the oldest of them may be.</summary>
    private sealed record Standing(PartitionState Partition, long? Committed, long Lag, long Oldest);
}
