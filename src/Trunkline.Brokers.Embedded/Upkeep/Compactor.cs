using RocksDbSharp;
using Trunkline.Brokers.Embedded.Commits;
using Trunkline.Brokers.Embedded.Reading;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>
/// Keeps only the newest message of each key of a compacted topic. Reads on the caller's thread; each step's change runs on the
/// writer's. Messages without key stay. At most <see cref="KeysMax"/> keys are looked at in one pass, the newest ones: of older
/// keys superseded messages stay until a later pass.
/// </summary>
internal sealed class Compactor(Store store, LogReader reader)
{
    private const int KeysMax = 1_000_000;
    private const int PageMessages = 4096;
    private const int PageBytes = 4 * 1024 * 1024;

    /// <summary>Removes superseded messages below an offset at which no batch is being merged.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="until">Where to stop.</param>
    /// <param name="change">Runs a change on the writer's thread.</param>
    public async Task<long> CompactAsync(PartitionState partition, long until, Func<Func<bool>, Task<bool>> change)
    {
        var newest = Newest(partition, until);
        long removed = 0;
        for (var from = partition.Visible.Low; from < until;)
        {
            var page = reader.Read(partition, from, PageMessages, PageBytes).Messages.Where(m => m.Position.Offset < until).ToList();
            if (page.Count == 0)
            {
                break;
            }

            // A page may begin or end in the middle of a batch: only batches that lie in it whole are rewritten.
            var next = page[^1].Position.Offset + 1;
            var places = Places(partition, from, next, until);
            if (places.Count > 0)
            {
                next = places[^1].LastOffset + 1;
                var kept = reader.Read(partition, from, int.MaxValue, int.MaxValue, next).Messages.Where(m => IsNewest(newest, m)).ToList();
                var gone = places.Sum(p => (long)p.Count) - kept.Count;
                if (gone > 0)
                {
                    await change(() => Replace(partition, places, kept)).ConfigureAwait(false);
                    removed += gone;
                }
            }

            from = next;
        }

        return removed;
    }

    private Dictionary<MessageKey, long> Newest(PartitionState partition, long until)
    {
        // Copies of the keys: slices would hold the whole log in memory.
        var newest = new Dictionary<MessageKey, long>();
        for (var from = partition.Visible.Low; from < until;)
        {
            var page = reader.Read(partition, from, PageMessages, PageBytes).Messages;
            if (page.Count == 0)
            {
                break;
            }

            foreach (var stored in page.Where(m => m.Message.Key is not null && m.Position.Offset < until))
            {
                var key = stored.Message.Key!.Value;
                if (newest.ContainsKey(key) || newest.Count < KeysMax)
                {
                    newest[newest.ContainsKey(key) ? key : new MessageKey(key.Bytes.ToArray())] = stored.Position.Offset;
                }
            }

            from = page[^1].Position.Offset + 1;
        }

        return newest;
    }

    private static bool IsNewest(Dictionary<MessageKey, long> newest, StoredMessage stored) =>
        stored.Message.Key is not { } key || !newest.TryGetValue(key, out var offset) || stored.Position.Offset >= offset;

    /// <summary>The stored batches that lie whole in a range; at least one if the first begins in it and ends before the limit.</summary>
    private List<BatchPlace> Places(PartitionState partition, long from, long next, long until)
    {
        var places = new List<BatchPlace>();
        using var lease = store.Enter();
        using var keys = store.IterateKeys(store.Batches);
        for (LogReader.SeekTo(keys, partition, from); keys.Valid(); keys.Next())
        {
            if (!StoreKeys.TryBatch(keys.GetKeySpan(), out var place) || place.Topic != partition.Topic.Id || place.Partition != partition.Number
                || place.LastOffset >= until || (places.Count > 0 && place.LastOffset >= next))
            {
                break;
            }

            places.Add(place);
        }

        StoreErrors.Check(keys, $"compacting {partition}");
        return places;
    }

    private bool Replace(PartitionState partition, List<BatchPlace> places, List<StoredMessage> kept)
    {
        if (partition.Topic.Deleted || places[0].BaseOffset < partition.Visible.Low)
        {
            return false;
        }

        using var change = new WriteBatch();
        var bytes = -places.Sum(place => (long)place.Bytes);
        store.RemoveBatches(change, partition, places[0].BaseOffset, places[^1].LastOffset);

        var writer = new RecordBatchWriter();
        for (var i = 0; i < kept.Count;)
        {
            writer.Begin(kept[i].Position.Offset);
            while (i < kept.Count && (writer.Count == 0 || writer.Length + kept[i].Message.Payload.Length <= StagedPartition.BatchBytesMax))
            {
                writer.Add(kept[i].Position.Offset, kept[i].AppendedAt, kept[i].Message);
                i++;
            }

            var batch = writer.Finish();
            change.Put(StoreKeys.Batch(StagedPartition.Place(partition, batch)), batch.Bytes.Span, store.Batches);
            bytes += batch.Bytes.Length;
        }

        var extent = partition.Visible with { StoredBytes = partition.Visible.StoredBytes + bytes };
        change.Put(StoreKeys.Partition(partition.Topic.Id, partition.Number), extent.Encode(), store.Meta);
        store.Write(change, sync: false);
        partition.Visible = extent;
        return true;
    }
}
