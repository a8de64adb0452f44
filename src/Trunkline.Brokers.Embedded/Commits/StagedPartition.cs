using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging;
using Trunkline.Messaging.Records;
using RocksDbSharp;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>
/// What one group of commits adds to a partition: its messages become one batch, or several when they are many, so that callers
/// who append one message each share a value.
/// </summary>
internal sealed class StagedPartition(BatchMemory memory, List<LargeBatch> large)
{
    /// <summary>A batch is closed above it: large enough to be sequential, small enough to stay out of the large object heap.</summary>
    public const int BatchBytesMax = 64 * 1024;

    private readonly RecordBatchWriter _writer = new();
    private PartitionState _partition = null!;
    private long _low;
    private long _bytes;
    private long _ticks;
    private DateTimeOffset _appendedAt;

    /// <summary>The offset the next message gets.</summary>
    public long Next { get; private set; }

    /// <summary>The batches closed so far.</summary>
    public List<RecordBatch> Batches { get; } = [];

    public PartitionState Partition => _partition;

    /// <summary>Starts over, for another partition or group.</summary>
    public void Begin(PartitionState partition, DateTimeOffset now)
    {
        var extent = partition.Visible;
        _partition = partition;
        Batches.Clear();
        _low = extent.Low;
        _bytes = extent.StoredBytes;
        Next = extent.High;
        // The clock may jump back; append times in a partition do not.
        _ticks = Math.Max(extent.LastTicks ?? long.MinValue, (now - DateTimeOffset.UnixEpoch).Ticks);
        _appendedAt = DateTimeOffset.UnixEpoch.AddTicks(_ticks);
        _writer.Begin(Next);
    }

    public Position Add(Message message, Store store, WriteBatch batch)
    {
        if (_writer.Count > 0 && _writer.Length + message.Payload.Length > BatchBytesMax)
        {
            Seal(store, batch);
        }

        _writer.Add(Next, _appendedAt, message);
        return new Position(_partition.Number, Next++);
    }

    /// <summary>Puts what is left and the partition's new extent into the group's write.</summary>
    public void Finish(Store store, WriteBatch batch)
    {
        Seal(store, batch);
        batch.Put(StoreKeys.Partition(_partition.Topic.Id, _partition.Number), Extent().Encode(), store.Meta);
    }

    public Extent Extent() => new(_low, Next, _bytes, _ticks);

    private void Seal(Store store, WriteBatch batch)
    {
        if (_writer.Count == 0)
        {
            return;
        }

        var closed = _writer.Finish(memory);
        var key = StoreKeys.Batch(Place(_partition, closed));
        if (closed.Bytes.Length >= LargeBatch.BytesMin)
        {
            large.Add(new LargeBatch(key, closed.Bytes));
        }
        else
        {
            batch.Put(key, closed.Bytes.Span, store.Batches);
        }

        Batches.Add(closed);
        _bytes += closed.Bytes.Length;
        _writer.Begin(Next);
    }

    public static BatchPlace Place(PartitionState partition, RecordBatch batch) => new(
        partition.Topic.Id, partition.Number, batch.BaseOffset, batch.LastOffset, batch.Count, batch.Bytes.Length,
        (batch.FirstAppendedAt - DateTimeOffset.UnixEpoch).Ticks, (batch.LastAppendedAt - DateTimeOffset.UnixEpoch).Ticks);
}
