using System.Runtime.CompilerServices;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows;

/// <summary>Reads what a topic holds, without a group.</summary>
internal static class RecordedMessages
{
    private const int BatchMessages = 500;

    /// <summary>The newest messages of a topic, partition by partition, up to its end now. A topic that is not there has none.</summary>
    public static async IAsyncEnumerable<StoredMessage> NewestAsync(IBroker broker, string topic, int messagesMax, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var topics = await broker.ListTopicsAsync(cancellationToken).ConfigureAwait(false);
        var partitions = topics.FirstOrDefault(t => t.Settings.Name == topic)?.Partitions ?? [];
        var share = partitions.Count == 0 ? 0 : Math.Max(1, messagesMax / partitions.Count);
        foreach (var partition in partitions)
        {
            var next = Math.Max(partition.LowOffset, partition.HighOffset - share);
            while (next < partition.HighOffset)
            {
                var batch = await broker.ReadAsync(new ReadRequest(topic, partition.Partition, next, BatchMessages), cancellationToken).ConfigureAwait(false);
                foreach (var stored in batch.Where(stored => stored.Position.Offset < partition.HighOffset))
                {
                    yield return stored;
                }

                next = batch.Count == 0 ? partition.HighOffset : batch[^1].Position.Offset + 1;
            }
        }
    }
}
