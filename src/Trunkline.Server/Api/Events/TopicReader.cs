using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Api.Events;

/// <summary>Reads pages over several partitions, merged by time of append.</summary>
internal static class TopicReader
{
    private const int PageBytesMax = 8 * 1024 * 1024;
    private const int PartitionBytesMin = 64 * 1024;

    /// <summary>A page and where the next begins.</summary>
    internal sealed record Page(IReadOnlyList<StoredMessage> Messages, TopicCursor Next, bool End);

    /// <summary>
    /// Reads at most <paramref name="limit"/> messages. A partition's read may end before the partition does; nothing
    /// later than its last message is shown then, so that the order by time holds over pages too.
    /// </summary>
    public static async ValueTask<Page> ReadPageAsync(IBroker broker, string topic, TopicCursor from, int limit, CancellationToken cancellationToken)
    {
        var next = (long[])from.Next.Clone();
        var bytes = Math.Max(PartitionBytesMin, PageBytesMax / next.Length);
        var found = new List<StoredMessage>();
        var horizon = DateTimeOffset.MaxValue;
        var description = await broker.DescribeTopicAsync(topic, cancellationToken);
        for (var i = 0; i < next.Length; i++)
        {
            var read = await broker.ReadAsync(new ReadRequest(topic, from.PartitionAt(i), next[i], limit, bytes), cancellationToken);
            found.AddRange(read);
            if (read.Count > 0 && read[^1].Position.Offset + 1 < description.Partitions[from.PartitionAt(i)].HighOffset && read[^1].AppendedAt < horizon)
            {
                horizon = read[^1].AppendedAt;
            }
        }

        var shown = found.Where(m => m.AppendedAt <= horizon)
            .OrderBy(m => m.AppendedAt).ThenBy(m => m.Position.Partition).ThenBy(m => m.Position.Offset).Take(limit).ToList();
        foreach (var stored in shown)
        {
            next[stored.Position.Partition - from.PartitionAt(0)] = stored.Position.Offset + 1;
        }

        var end = next.Zip(from.Partitions).All(p => p.First >= description.Partitions[p.Second].HighOffset);
        return new Page(shown, from.Moved(next), end);
    }
}
