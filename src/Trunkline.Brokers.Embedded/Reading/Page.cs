using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>What one read gathers, and when it has enough.</summary>
internal sealed class Page(PartitionState partition, long next, long high, int maxMessages, int maxBytes)
{
    /// <summary>A page has no more messages than this, whatever is asked for: a longer list would lie in the large object heap, whose collection costs more than the reading.</summary>
    private const int MessagesMax = 2048;

    private readonly List<StoredMessage> _messages = [];
    private readonly int _maxMessages = Math.Min(maxMessages, MessagesMax);
    private long _bytes;
    private BrokerException? _broken;

    public PartitionState Partition { get; } = partition;

    /// <summary>The offset wanted next.</summary>
    public long Next { get; private set; } = next;

    /// <summary>Nothing at or above it is visible.</summary>
    public long High { get; } = high;

    public IReadOnlyList<StoredMessage> Messages => _messages;

    /// <summary>Proves a stored batch and takes its messages; the bytes are its own from now on.</summary>
    public bool TakeStored(in BatchPlace place, byte[] value)
    {
        var batch = RecordBatch.Read(value);
        if (batch.BaseOffset != place.BaseOffset || batch.LastOffset != place.LastOffset)
        {
            throw new RecordBatchException(RecordBatchFault.Malformed, $"The batch at offset {place.BaseOffset} is another one.");
        }

        if (batch.BaseOffset > Next && !Partition.Topic.Settings.Compacted)
        {
            Break(Missing(batch.BaseOffset));
            return false;
        }

        return Take(batch);
    }

    /// <summary>Takes the messages wanted; false when there are enough.</summary>
    public bool Take(RecordBatch batch)
    {
        var reader = batch.Messages(Partition.Number);
        for (var found = reader.MoveTo(Next); found; found = reader.MoveNext())
        {
            var stored = reader.Current;
            var size = Sizes.Of(stored.Message);
            if (stored.Position.Offset >= High || (_messages.Count > 0 && _bytes + size > maxBytes))
            {
                return false;
            }

            _messages.Add(stored);
            _bytes += size;
            Next = stored.Position.Offset + 1;
            if (_messages.Count == _maxMessages)
            {
                return false;
            }
        }

        // Erased messages at the end of the batch are passed over.
        Next = Math.Max(Next, Math.Min(High, batch.LastOffset + 1));
        return Next < High && _bytes < maxBytes;
    }

    /// <summary>Nothing more is stored: right only at the end, or where compaction took the rest.</summary>
    public void EndOfStore()
    {
        if (Next < High && !Partition.Topic.Settings.Compacted)
        {
            Break(Missing(High));
        }
    }

    /// <summary>True after damage was met.</summary>
    public bool IsBroken => _broken is not null;

    /// <summary>Remembers damage; what came before it is still delivered.</summary>
    public void Break(BrokerException error) => _broken = error;

    public void ThrowIfBroken()
    {
        if (_messages.Count == 0 && _broken is not null)
        {
            throw _broken;
        }
    }

    private BrokerException Missing(long until) => new(BrokerErrorCode.StoreDamaged,
        FormattableString.Invariant($"Offsets {Next} to {until - 1} of {Partition} are missing from the store. Restore a backup."));
}
