using RocksDbSharp;
using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>Removes whole oldest batches that are too old or too many, never past a group that ever committed unless forced. Writer's thread only.</summary>
internal sealed class Retention(Catalog catalog, Store store)
{
    /// <summary>What one step removes at most, so that appends do not wait long.</summary>
    public const int BatchesPerStep = 4096;

    /// <summary>Removes up to one step's batches of a partition.</summary>
    /// <returns>Messages and bytes removed, and whether there may be more to remove.</returns>
    public (long Messages, long Bytes, bool More) Apply(PartitionState partition, bool force, DateTimeOffset now)
    {
        var settings = partition.Topic.Settings;
        var extent = partition.Visible;
        if (partition.Topic.Deleted || (settings.RetentionAge is null && settings.RetentionBytes is null) || extent.Low >= extent.High)
        {
            return default;
        }

        var floor = force ? extent.High : Floor(partition, extent.High);
        var oldest = settings.RetentionAge is { } age ? (now - age - DateTimeOffset.UnixEpoch).Ticks : long.MinValue;
        var (low, left, messages, batches) = (extent.Low, extent.StoredBytes, 0L, 0);
        using var keys = store.IterateKeys(store.Batches);
        for (LogReader.SeekTo(keys, partition, extent.Low); batches < BatchesPerStep && keys.Valid(); keys.Next())
        {
            if (!StoreKeys.TryBatch(keys.GetKeySpan(), out var place) || place.Topic != partition.Topic.Id || place.Partition != partition.Number
                || place.LastOffset >= floor || (place.LastTicks >= oldest && !(left > settings.RetentionBytes)))
            {
                break;
            }

            low = place.LastOffset + 1;
            left -= place.Bytes;
            messages += place.Count;
            batches++;
        }

        StoreErrors.Check(keys, $"removing old batches of {partition}");
        if (batches > 0)
        {
            Remove(partition, extent with { Low = low, StoredBytes = Math.Max(0, left) });
        }

        return (messages, extent.StoredBytes - left, batches == BatchesPerStep);
    }

    private long Floor(PartitionState partition, long high)
    {
        lock (catalog.Gate)
        {
            var durable = partition.Topic.Groups.Values.Where(g => g.Durable).ToList();
            return durable.Count == 0 ? high : durable.Min(g => g.Current(partition.Number).Next);
        }
    }

    private void Remove(PartitionState partition, Extent extent)
    {
        using var change = new WriteBatch();
        // From the very start: what earlier removals left in the files goes with it, and one tombstone covers all.
        store.RemoveBatches(change, partition, 0, extent.Low - 1);
        change.Put(StoreKeys.Partition(partition.Topic.Id, partition.Number), extent.Encode(), store.Meta);
        store.Write(change, sync: false);
        partition.Visible = extent;
        partition.Changed.Set();
    }
}
