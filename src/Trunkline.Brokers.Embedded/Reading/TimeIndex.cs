using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>Finds offsets by time. Append times never decrease in a partition, and batch keys hold them, so a bisection over keys is enough.</summary>
internal static class TimeIndex
{
    /// <summary>The first offset appended at or after a time, or the end.</summary>
    public static long OffsetAt(Store store, PartitionState partition, DateTimeOffset time)
    {
        var extent = partition.Visible;
        var ticks = (time - DateTimeOffset.UnixEpoch).Ticks;
        var (from, until) = (extent.Low, extent.High);
        using var lease = store.Enter();
        using var keys = store.IterateKeys(store.Batches);
        // Invariant: the answer lies in [from, until], and every batch that ends below from is too old.
        while (from < until)
        {
            var middle = from + ((until - from) / 2);
            LogReader.SeekTo(keys, partition, middle);
            StoreErrors.Check(keys, $"seeking by time in {partition}");
            if (!keys.Valid() || !StoreKeys.TryBatch(keys.GetKeySpan(), out var place) || place.Topic != partition.Topic.Id
                || place.Partition != partition.Number || place.BaseOffset >= until)
            {
                until = middle;
            }
            else if (place.LastTicks < ticks)
            {
                from = place.LastOffset + 1;
            }
            else if (place.FirstTicks < ticks)
            {
                return Within(store, place, ticks, extent.High);
            }
            else
            {
                until = Math.Min(middle, Math.Max(from, place.BaseOffset));
            }
        }

        return from >= extent.High ? extent.High : FirstFrom(store, partition, from, extent.High);
    }

    /// <summary>Merged batches hold several times: the batch itself tells.</summary>
    private static long Within(Store store, BatchPlace place, long ticks, long high)
    {
        var value = store.GetBatch(StoreKeys.Batch(place));
        if (value is null)
        {
            return Math.Min(place.BaseOffset, high);
        }

        foreach (var stored in RecordBatch.Read(value).Messages(place.Partition))
        {
            if ((stored.AppendedAt - DateTimeOffset.UnixEpoch).Ticks >= ticks)
            {
                return stored.Position.Offset;
            }
        }

        return place.LastOffset + 1;
    }

    /// <summary>Compaction leaves holes: the offset of the first message that is there.</summary>
    private static long FirstFrom(Store store, PartitionState partition, long offset, long high)
    {
        using var keys = store.IterateKeys(store.Batches);
        LogReader.SeekTo(keys, partition, offset);
        StoreErrors.Check(keys, $"seeking by time in {partition}");
        return keys.Valid() && StoreKeys.TryBatch(keys.GetKeySpan(), out var place) && place.Topic == partition.Topic.Id && place.Partition == partition.Number
            ? Math.Max(offset, place.BaseOffset)
            : high;
    }
}
