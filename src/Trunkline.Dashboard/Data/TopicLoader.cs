using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the page on one topic through the node's API.</summary>
internal sealed class TopicLoader(TrunklineClient client, TimeProvider clock)
{
    private const int MessagesShown = 20;

    /// <summary>Each partition costs a call.</summary>
    private const int PartitionsRead = 16;

    public async Task<TopicBoard> LoadAsync(string name, CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var topic = await Loading.TryAsync(() => client.GetTopicAsync(name, cancellationToken));
        var newest = topic.Value is { } found ? await Loading.TryAsync(() => NewestAsync(found, cancellationToken)) : new Loaded<IReadOnlyList<EventView>>(null, null);
        return new TopicBoard(clock.GetUtcNow(), name, await node, topic, newest);
    }

    private async Task<IReadOnlyList<EventView>> NewestAsync(TopicView topic, CancellationToken cancellationToken)
    {
        var newest = new List<EventView>();
        foreach (var partition in topic.Partitions.Where(one => one.HighOffset > one.LowOffset).OrderByDescending(one => one.LastAppendedAt).Take(PartitionsRead))
        {
            var from = ReadFrom.Offset(partition.Partition, Math.Max(partition.LowOffset, partition.HighOffset - MessagesShown));
            newest.AddRange((await client.ReadAsync(topic.Name, from, MessagesShown, cancellationToken)).Messages);
        }

        return [.. newest.OrderByDescending(message => message.AppendedAt).Take(MessagesShown)];
    }
}

/// <summary>All that the page on one topic shows, read at one moment.</summary>
/// <param name="Now">When it was read.</param>
/// <param name="Name">The topic's name, as asked for.</param>
/// <param name="Node">What the node is.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Newest">Its newest messages, newest first.</param>
public sealed record TopicBoard(DateTimeOffset Now, string Name, Loaded<NodeView> Node, Loaded<TopicView> Topic, Loaded<IReadOnlyList<EventView>> Newest);
