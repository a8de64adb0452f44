using RocksDbSharp;
using Trunkline.Brokers.Embedded.Commits;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>
/// Makes one batch of many small ones that trickled in, when the writer is idle, so that a replay reads large values. What is
/// merged is already stored, so the rewrite skips the log: it costs no extra log bytes, and while the small ones are still in
/// memory no extra file bytes either. Writer's thread only.
/// </summary>
internal sealed class Merger(Store store)
{
    private const int RunBytesMin = StagedPartition.BatchBytesMax * 3 / 4;
    private const int RunCountMax = 512;
    private const long HeldBytesMax = 32L * 1024 * 1024;
    private readonly RecordBatchWriter _writer = new();
    private readonly HashSet<SmallBatches> _ready = [];
    private readonly HashSet<SmallBatches> _held = [];
    private long _heldBytes;

    /// <summary>Notes a batch just stored.</summary>
    public void Add(PartitionState partition, RecordBatch batch)
    {
        if (batch.Bytes.Length >= LargeBatch.BytesMin)
        {
            // It ends the run before it, which is merged as it is.
            End(partition);
            return;
        }

        var run = partition.Small ??= new SmallBatches(partition);
        run.Add(batch);
        _held.Add(run);
        _heldBytes += batch.Bytes.Length;
        if (run.Bytes >= RunBytesMin || run.Batches.Count >= RunCountMax)
        {
            End(partition);
        }
    }

    /// <summary>Merges the runs that are long enough, and all of them if too much is held.</summary>
    public void Run()
    {
        foreach (var run in _heldBytes > HeldBytesMax ? _held.ToArray() : [.. _ready])
        {
            Merge(run);
            Release(run);
        }
    }

    /// <summary>Leaves a partition's batches as they are.</summary>
    public void Forget(PartitionState partition)
    {
        foreach (var run in _held.Where(r => r.Partition == partition).ToArray())
        {
            Release(run);
        }
    }

    private void End(PartitionState partition)
    {
        if (partition.Small is { } run)
        {
            _ready.Add(run);
            partition.Small = null;
        }
    }

    private void Release(SmallBatches run)
    {
        _heldBytes -= run.Bytes;
        _ready.Remove(run);
        _held.Remove(run);
        if (run.Partition.Small == run)
        {
            run.Partition.Small = null;
        }
    }

    private void Merge(SmallBatches run)
    {
        var (partition, batches) = (run.Partition, run.Batches);
        if (batches.Count < 2 || partition.Topic.Deleted || batches[0].BaseOffset < partition.Visible.Low)
        {
            return;
        }

        using var change = new WriteBatch();
        var saved = 0;
        for (var from = 0; from < batches.Count;)
        {
            _writer.Begin(batches[from].BaseOffset);
            var until = from;
            while (until < batches.Count && (until == from || _writer.Length + batches[until].Bytes.Length <= StagedPartition.BatchBytesMax))
            {
                _writer.Add(batches[until++]);
            }

            if (until - from > 1)
            {
                saved += Replace(partition, batches[from..until], _writer.Finish(), change);
            }

            from = until;
        }

        store.Rewrite(change);
        // Stored with the next append: the rewrite must not reach beyond the one column family that forgets it as a whole.
        partition.Visible = partition.Visible with { StoredBytes = partition.Visible.StoredBytes - saved };
    }

    private int Replace(PartitionState partition, List<RecordBatch> old, RecordBatch merged, WriteBatch change)
    {
        foreach (var batch in old)
        {
            store.RemoveBatch(change, StoreKeys.Batch(StagedPartition.Place(partition, batch)), writtenOnce: !partition.Topic.Settings.Compacted);
        }

        change.Put(StoreKeys.Batch(StagedPartition.Place(partition, merged)), merged.Bytes.Span, store.Batches);
        return old.Sum(b => b.Bytes.Length) - merged.Bytes.Length;
    }
}
