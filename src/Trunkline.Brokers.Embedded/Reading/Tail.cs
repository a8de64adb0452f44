using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>
/// The newest batches of one partition, in memory, so that readers at the end of the log touch no disk. Written by the writer's
/// thread, read by any: readers take the list as it is, batches are never altered.
/// </summary>
internal sealed class Tail
{
    private readonly Lock _gate = new();

    // Those before the first are gone; the room they take goes once they are half of all.
    private readonly List<RecordBatch> _batches = [];
    private int _first;

    /// <summary>Bytes held.</summary>
    public long Bytes { get; private set; }

    public void Add(RecordBatch batch)
    {
        lock (_gate)
        {
            _batches.Add(batch);
            Bytes += batch.Bytes.Length;
        }
    }

    /// <summary>Lets the oldest batch go; returns its bytes, 0 if there is none.</summary>
    public int RemoveOldest()
    {
        lock (_gate)
        {
            if (_first == _batches.Count)
            {
                return 0;
            }

            var bytes = _batches[_first].Bytes.Length;
            _batches[_first++] = default;
            if (_first * 2 >= _batches.Count)
            {
                _batches.RemoveRange(0, _first);
                _first = 0;
            }

            Bytes -= bytes;
            return bytes;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _batches.Clear();
            (_first, Bytes) = (0, 0);
        }
    }

    /// <summary>True if the offset is in memory, or beyond.</summary>
    public bool Reaches(long offset)
    {
        lock (_gate)
        {
            return _first < _batches.Count && offset >= _batches[_first].BaseOffset;
        }
    }

    /// <summary>The batches from the one that holds the offset on, about as many bytes as asked; null if the offset is older.</summary>
    public List<RecordBatch>? From(long offset, int maxBytes)
    {
        lock (_gate)
        {
            if (_first == _batches.Count || offset < _batches[_first].BaseOffset)
            {
                return null;
            }

            var found = new List<RecordBatch>();
            long bytes = 0;
            for (var i = FirstUpTo(offset); i < _batches.Count && bytes < maxBytes; i++)
            {
                found.Add(_batches[i]);
                bytes += _batches[i].Bytes.Length;
            }

            return found;
        }
    }

    /// <summary>The first batch that ends at the offset or above: there may be tens of thousands of small ones below.</summary>
    private int FirstUpTo(long offset)
    {
        var (low, high) = (_first, _batches.Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (_batches[middle].LastOffset < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
