using RocksDbSharp;
using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>
/// Reads messages of one partition: from the tail in memory if it reaches back far enough, else batch by batch from the store. Any thread.
/// Damage is reported with its topic, partition and offsets, never skipped.
/// </summary>
internal sealed class LogReader(Store store)
{
    /// <summary>Called between the look at a key and the read of its batch, where a merge or a compaction may come between. For tests; null costs nothing.</summary>
    public Action? KeyFound { get; init; }

    /// <summary>Messages from an offset on (and below a limit), and the partition's low offset as it was then.</summary>
    public PartitionRead Read(PartitionState partition, long offset, int maxMessages, int maxBytes, long until = long.MaxValue)
    {
        while (true)
        {
            var extent = partition.Visible;
            var from = Math.Max(offset, extent.Low);
            var high = Math.Min(extent.High, until);
            if (from >= high)
            {
                return new PartitionRead(extent.Low, []);
            }

            var page = new Page(partition, from, high, maxMessages, maxBytes);
            if (partition.Tail.From(from, maxBytes) is { } cached)
            {
                foreach (var batch in cached)
                {
                    if (!page.Take(batch))
                    {
                        break;
                    }
                }
            }
            else
            {
                ReadStored(page, proveAll: false);
                if (page.Messages.Count == 0 && !page.IsBroken)
                {
                    // What the iterator saw was merged meanwhile: its own values are still there.
                    ReadStored(page, proveAll: true);
                }
            }

            // Retention may have passed by underneath: then what was missed lies below the new low offset.
            if (page.Messages.Count == 0 && partition.Visible.Low > from)
            {
                continue;
            }

            page.ThrowIfBroken();
            return new PartitionRead(extent.Low, page.Messages);
        }
    }

    /// <summary>Batches prove themselves, so RocksDB proves their keys only, unless asked for all.</summary>
    private void ReadStored(Page page, bool proveAll)
    {
        using var lease = store.Enter();
        using var iterator = proveAll ? store.Iterate(store.Batches) : store.IterateKeys(store.Batches);
        try
        {
            SeekTo(iterator, page.Partition, page.Next);
            while (iterator.Valid() && StoreKeys.TryBatch(iterator.GetKeySpan(), out var place)
                && place.Topic == page.Partition.Topic.Id && place.Partition == page.Partition.Number && place.BaseOffset < page.High)
            {
                if (place.LastOffset < page.Next)
                {
                    iterator.Next();
                    continue;
                }

                KeyFound?.Invoke();
                var value = Value(iterator, place);
                if (value is null && proveAll)
                {
                    throw new RecordBatchException(RecordBatchFault.Length, $"The batch at offset {place.BaseOffset} is not as long as its key says.");
                }

                if (value is null || !page.TakeStored(place, value))
                {
                    return;
                }

                iterator.Next();
            }

            StoreErrors.Check(iterator, $"reading {page.Partition}");
        }
        catch (Exception error) when (error is RocksDbException or BrokerException { Code: BrokerErrorCode.StoreDamaged or BrokerErrorCode.StoreFailed } or RecordBatchException)
        {
            page.Break(Damage(page.Partition, page.Next, error));
            return;
        }

        page.EndOfStore();
    }

    /// <summary>A small batch stands beside its key, one that was merged or moved in a blob file, a large one in the log.</summary>
    private byte[]? Value(Iterator iterator, in BatchPlace place)
    {
        var beside = iterator.GetValueSpan();
        return beside.Length == place.Bytes ? beside.ToArray()
            : LogPlace.TryRead(beside, out var logged) ? store.GetLogged(logged, place.Bytes)
            : store.GetUnproved(iterator.GetKeySpan(), place.Bytes);
    }

    /// <summary>To the batch that holds the offset, or the first above it. Never from the family's start: what was deleted there costs.</summary>
    public static void SeekTo(Iterator iterator, PartitionState partition, long offset)
    {
        // The batch that holds the offset is the last one that begins at or below it.
        iterator.SeekForPrev(StoreKeys.BatchesFrom(partition.Topic.Id, partition.Number, offset + 1));
        var holds = iterator.Valid() && StoreKeys.TryBatch(iterator.GetKeySpan(), out var place)
            && place.Topic == partition.Topic.Id && place.Partition == partition.Number && place.LastOffset >= offset;
        if (!holds)
        {
            StoreErrors.Check(iterator, $"reading {partition}");
            iterator.Seek(StoreKeys.BatchesFrom(partition.Topic.Id, partition.Number, offset));
        }
    }

    /// <summary>Names the offsets of the batch that cannot be read; its key can be.</summary>
    private BrokerException Damage(PartitionState partition, long offset, Exception error)
    {
        var (from, until) = (offset, partition.Visible.High);
        using var keys = store.IterateKeys(store.Batches);
        keys.SeekForPrev(StoreKeys.BatchesFrom(partition.Topic.Id, partition.Number, offset + 1));
        if (keys.Valid() && StoreKeys.TryBatch(keys.GetKeySpan(), out var place) && place.Topic == partition.Topic.Id
            && place.Partition == partition.Number && place.LastOffset >= offset)
        {
            (from, until) = (place.BaseOffset, place.LastOffset + 1);
        }

        return new BrokerException(BrokerErrorCode.StoreDamaged,
            FormattableString.Invariant($"Offsets {from} to {until - 1} of {partition} are damaged and cannot be read. Restore a backup; other partitions and later offsets stay readable. ({error.Message})"), error);
    }
}
