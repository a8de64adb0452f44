using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>
/// The newest batches of one partition, in memory, so that readers at the end of the log touch no disk. Written by the writer's
/// thread, read by any: readers take the list as it is, batches are never altered.
/// </summary>
internal sealed class Tail
{
    private readonly Lock _gate = new();
    private readonly Queue<RecordBatch> _batches = [];

    /// <summary>Bytes held.</summary>
    public long Bytes { get; private set; }

    public void Add(RecordBatch batch)
    {
        lock (_gate)
        {
            _batches.Enqueue(batch);
            Bytes += batch.Bytes.Length;
        }
    }

    /// <summary>Lets the oldest batch go; returns its bytes, 0 if there is none.</summary>
    public int RemoveOldest()
    {
        lock (_gate)
        {
            if (!_batches.TryDequeue(out var oldest))
            {
                return 0;
            }

            Bytes -= oldest.Bytes.Length;
            return oldest.Bytes.Length;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _batches.Clear();
            Bytes = 0;
        }
    }

    /// <summary>True if the offset is in memory, or beyond.</summary>
    public bool Reaches(long offset)
    {
        lock (_gate)
        {
            return _batches.TryPeek(out var oldest) && offset >= oldest.BaseOffset;
        }
    }

    /// <summary>The batches from the one that holds the offset on, about as many bytes as asked; null if the offset is older.</summary>
    public List<RecordBatch>? From(long offset, int maxBytes)
    {
        lock (_gate)
        {
            if (!_batches.TryPeek(out var oldest) || offset < oldest.BaseOffset)
            {
                return null;
            }

            var found = new List<RecordBatch>();
            long bytes = 0;
            foreach (var batch in _batches)
            {
                if (batch.LastOffset >= offset)
                {
                    found.Add(batch);
                    bytes += batch.Bytes.Length;
                    if (bytes >= maxBytes)
                    {
                        break;
                    }
                }
            }

            return found;
        }
    }
}
