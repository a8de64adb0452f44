using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Trunkline.Crash.Tests.Harness;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Crash.Tests.Child;

/// <summary>Tells everything the store holds: every message, state key and position.</summary>
internal static class Findings
{
    public static async Task TellAsync(IBroker broker, JournalWriter output)
    {
        foreach (var topic in await broker.ListTopicsAsync(CancellationToken.None))
        {
            foreach (var partition in topic.Partitions)
            {
                await TellPartitionAsync(broker, topic.Settings.Name, partition.Partition, partition.HighOffset, output);
            }

            foreach (var group in await broker.DescribeGroupsAsync(topic.Settings.Name, CancellationToken.None))
            {
                foreach (var partition in group.Partitions.Where(p => p.Next is not null))
                {
                    output.Write(new JournalLine
                    {
                        Kind = "position",
                        Name = $"{topic.Settings.Name}/{partition.Partition}",
                        Value = partition.Next!.Value.ToString(CultureInfo.InvariantCulture),
                    });
                }
            }
        }

        await foreach (var entry in broker.ScanStateAsync(Workload.Store, 0, default, CancellationToken.None))
        {
            output.Write(new JournalLine
            {
                Kind = "state",
                Name = Encoding.UTF8.GetString(entry.Key.Span),
                Value = Encoding.UTF8.GetString(entry.Value.Span),
            });
        }

        output.Write(new JournalLine { Kind = "found" });
    }

    public static string Hash(Message message) => Convert.ToHexStringLower(SHA256.HashData(message.Payload.Span))[..16];

    private static async Task TellPartitionAsync(IBroker broker, string topic, int partition, long end, JournalWriter output)
    {
        long offset = 0;
        while (offset < end)
        {
            var read = await broker.ReadAsync(new ReadRequest(topic, partition, offset, 1000), CancellationToken.None);
            if (read.Count == 0)
            {
                return; // the harness sees the gap between what is read and what was acknowledged
            }

            output.Write(new JournalLine { Kind = "message", Messages = [.. read.Select(m => Describe(topic, m))] });
            offset = read[^1].Position.Offset + 1;
        }
    }

    private static JournalMessage Describe(string topic, StoredMessage stored) => new(
        topic,
        stored.Message.Id.Value,
        stored.Message.Key?.ToString() ?? "",
        long.Parse(stored.Message.Headers.Text("counter")!, CultureInfo.InvariantCulture),
        Hash(stored.Message))
    {
        Unit = long.Parse(stored.Message.Headers.Text("unit")!, CultureInfo.InvariantCulture),
        Partition = stored.Position.Partition,
        Offset = stored.Position.Offset,
    };
}
