using RocksDbSharp;
using Trunkline.Brokers.Embedded.Commits;
using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>Rewrites batches without the messages to be erased; their offsets stay. Writer's thread only.</summary>
internal sealed class Eraser(BrokerCore core)
{
    /// <summary>What one step rewrites at most, so that appends do not wait long.</summary>
    private const int BatchesPerStep = 64;

    private readonly RecordBatchWriter _writer = new();

    /// <summary>Erases from a place in the list on, as much as one step may. The partition's batches are in no tail and in no run to be merged.</summary>
    /// <returns>Messages erased, and the place in the list to go on from.</returns>
    public (long Erased, int Next) Apply(PartitionState partition, KeyValuePair<long, Message?>[] wanted, int from)
    {
        if (partition.Topic.Deleted)
        {
            return (0, wanted.Length);
        }

        using var change = new WriteBatch();
        var extent = partition.Visible;
        long erased = 0;
        using (var iterator = core.Store.IterateKeys(core.Store.Batches))
        {
            for (var batches = 0; batches < BatchesPerStep && from < wanted.Length; batches++)
            {
                if (Find(iterator, partition, wanted[from].Key) is not { } place)
                {
                    from++;
                    continue;
                }

                var batch = RecordBatch.Read(core.Store.GetBatch(iterator.Key())
                    ?? throw new BrokerException(BrokerErrorCode.StoreDamaged, FormattableString.Invariant($"Offsets {place.BaseOffset} to {place.LastOffset} of {partition} are damaged and cannot be erased. Restore a backup.")));
                var here = new Dictionary<long, Message?>();
                for (; from < wanted.Length && wanted[from].Key <= place.LastOffset; from++)
                {
                    here[wanted[from].Key] = wanted[from].Value;
                }

                var (count, bytes) = Rewrite(partition, place, batch, here, change);
                erased += count;
                extent = extent with { StoredBytes = Math.Max(0, extent.StoredBytes + bytes) };
            }
        }

        if (erased > 0)
        {
            change.Put(StoreKeys.Partition(partition.Topic.Id, partition.Number), extent.Encode(), core.Store.Meta);
            core.Write(change);
            partition.Visible = extent;
        }

        return (erased, from);
    }

    /// <summary>The stored batch that holds an offset; the iterator stands on it.</summary>
    private static BatchPlace? Find(Iterator iterator, PartitionState partition, long offset)
    {
        LogReader.SeekTo(iterator, partition, offset);
        StoreErrors.Check(iterator, $"erasing in {partition}");
        return iterator.Valid() && StoreKeys.TryBatch(iterator.GetKeySpan(), out var place) && place.Topic == partition.Topic.Id
            && place.Partition == partition.Number && place.BaseOffset <= offset && offset <= place.LastOffset ? place : null;
    }

    private (int Erased, long Bytes) Rewrite(PartitionState partition, in BatchPlace place, RecordBatch batch, Dictionary<long, Message?> erased, WriteBatch change)
    {
        _writer.Begin(batch.BaseOffset);
        var count = _writer.AddErasing(batch, erased);
        if (count == 0)
        {
            return (0, 0);
        }

        foreach (var stored in batch.Messages(partition.Number))
        {
            if (erased.ContainsKey(stored.Position.Offset))
            {
                core.Dedupe.Forget(partition.Topic, stored.Message, change);
            }
        }

        core.Store.RemoveBatches(change, partition, place.BaseOffset, place.LastOffset);
        var rewritten = _writer.Finish();
        change.Put(StoreKeys.Batch(StagedPartition.Place(partition, rewritten)), rewritten.Bytes.Span, core.Store.Batches);
        return (count, rewritten.Bytes.Length - batch.Bytes.Length);
    }
}
