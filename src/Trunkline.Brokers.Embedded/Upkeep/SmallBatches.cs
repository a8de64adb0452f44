using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>Adjoining small batches of a partition that may become one. Writer's thread only.</summary>
internal sealed class SmallBatches(PartitionState partition)
{
    public PartitionState Partition { get; } = partition;

    public List<RecordBatch> Batches { get; } = [];

    public long Bytes { get; private set; }

    public void Add(RecordBatch batch)
    {
        Batches.Add(batch);
        Bytes += batch.Bytes.Length;
    }
}
