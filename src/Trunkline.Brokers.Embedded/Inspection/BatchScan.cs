using RocksDbSharp;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>A stretch of a partition: a batch that can be read, or offsets that cannot.</summary>
/// <param name="From">First offset.</param>
/// <param name="Until">The offset after the last.</param>
/// <param name="Batch">The batch; null if it cannot be read.</param>
/// <param name="Fault">Why not.</param>
internal readonly record struct Stretch(long From, long Until, RecordBatch? Batch, string? Fault);

/// <summary>Reads a partition batch by batch and goes on behind what is damaged. Every checksum is proved and every record decoded.</summary>
internal sealed class BatchScan(Store store, int topic, int partition)
{
    private const int ProbeStepMin = 256;
    private const int ProbesMax = 4096;

    /// <summary>Stretches in order, from an offset to the last batch; where nothing is stored there is none.</summary>
    public IEnumerable<Stretch> Read(long low, long high)
    {
        using var keys = store.IterateKeys(store.Batches);
        keys.Seek(StoreKeys.BatchesFrom(topic, partition, low));
        var next = low;
        while (true)
        {
            if (!keys.Valid())
            {
                if (EntryScan.Fault(keys, "batches") is not { } fault)
                {
                    yield break;
                }

                // The keys themselves are damaged: what lies between here and the next readable one is lost.
                Probe(keys, next, high);
                var until = keys.Valid() && Own(keys, out var found) ? found.BaseOffset : Math.Max(high, next);
                if (until > next)
                {
                    yield return new Stretch(next, until, null, fault);
                }

                if (!keys.Valid())
                {
                    yield break;
                }

                next = until;
                continue;
            }

            if (!Own(keys, out var place))
            {
                yield break;
            }

            yield return ReadBatch(keys.Key(), place);
            next = Math.Max(next, place.LastOffset + 1);
            keys.Next();
        }
    }

    private Stretch ReadBatch(byte[] key, in BatchPlace place)
    {
        try
        {
            var batch = RecordBatch.Read(store.GetBatch(key)
                ?? throw new RecordBatchException(RecordBatchFault.Length, "Its bytes are gone."));
            if (batch.BaseOffset != place.BaseOffset || batch.LastOffset != place.LastOffset || batch.Count != place.Count)
            {
                throw new RecordBatchException(RecordBatchFault.Malformed, "It is another batch than its key says.");
            }

            foreach (var message in batch.Messages(partition))
            {
                _ = message;
            }

            return new Stretch(place.BaseOffset, place.LastOffset + 1, batch, null);
        }
        catch (Exception damage) when (damage is RecordBatchException or BrokerException or RocksDbException)
        {
            return new Stretch(place.BaseOffset, place.LastOffset + 1, null, damage.Message);
        }
    }

    /// <summary>Moves to the first key behind the damage that can be read; at the end of the partition gives up.</summary>
    private void Probe(Iterator keys, long from, long high)
    {
        var stepMax = Math.Max(ProbeStepMin, (high - from) / ProbesMax);
        long bad = from;
        for (long step = 1; bad < high; step = Math.Min(step * 2, stepMax))
        {
            var at = Math.Min(bad + step, high);
            if (Reaches(keys, at))
            {
                while (at - bad > 1)
                {
                    var middle = bad + ((at - bad) / 2);
                    (bad, at) = Reaches(keys, middle) ? (bad, middle) : (middle, at);
                }

                Reaches(keys, at);
                return;
            }

            bad = at;
        }
    }

    private bool Reaches(Iterator keys, long offset)
    {
        keys.Seek(StoreKeys.BatchesFrom(topic, partition, offset));
        return EntryScan.Fault(keys, "batches") is null;
    }

    private bool Own(Iterator keys, out BatchPlace place) =>
        StoreKeys.TryBatch(keys.GetKeySpan(), out place) && place.Topic == topic && place.Partition == partition;
}
