using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>Bounds what all tails hold together: the oldest batches of the node go first. Writer's thread only.</summary>
internal sealed class TailBudget(long bytesMax)
{
    private const int BatchesMax = 200_000;
    private readonly Queue<Tail> _order = [];
    private long _bytes;

    public void Add(Tail tail, RecordBatch batch)
    {
        if (batch.Bytes.Length > bytesMax / 2)
        {
            // One huge batch would push out all others; readers fetch it from the store. What is older must go too: a tail has no holes.
            _bytes -= tail.Bytes;
            tail.Clear();
            return;
        }

        tail.Add(batch);
        _order.Enqueue(tail);
        _bytes += batch.Bytes.Length;
        while ((_bytes > bytesMax || _order.Count > BatchesMax) && _order.TryDequeue(out var oldest))
        {
            _bytes -= oldest.RemoveOldest();
        }
    }

    /// <summary>Forgets a tail whose topic is gone or whose messages were rewritten.</summary>
    public void Drop(Tail tail)
    {
        _bytes -= tail.Bytes;
        tail.Clear();
    }
}
