using System.Runtime.InteropServices;

namespace Trunkline.Messaging.Consuming;

/// <summary>
/// Tracks which delivered offsets of one partition are completed, in any order, and tells the <see cref="Progress"/>
/// to commit. Offsets must be delivered in rising order; gaps between them (removed or already completed messages) count
/// as completed. Not thread-safe.
/// </summary>
/// <remarks>
/// Only the completed ranges are kept: what lies below the last delivery and in no range is open. Work that completes in
/// order costs no memory and no search.
/// </remarks>
public sealed class CompletionTracker
{
    // Sorted, apart from each other, all above _next.
    private readonly List<OffsetRange> _above;
    private long _next;
    private long _deliveredUntil;

    /// <summary>Starts from a stored progress.</summary>
    public CompletionTracker(Progress start)
    {
        ArgumentNullException.ThrowIfNull(start);
        _next = start.Next;
        _above = [.. start.CompletedAbove];
        _deliveredUntil = start.Next;
    }

    private CompletionTracker(CompletionTracker other)
    {
        _above = [.. other._above];
        _next = other._next;
        _deliveredUntil = other._deliveredUntil;
        OpenCount = other.OpenCount;
    }

    /// <summary>Offsets delivered and not completed.</summary>
    public int OpenCount { get; private set; }

    /// <summary>Ranges completed above the lowest open offset: what a commit has to carry.</summary>
    public int RangeCount => _above.Count;

    /// <summary>The progress to commit now.</summary>
    public Progress Progress => new(_next, _above.Count == 0 ? [] : [.. _above]);

    /// <summary>Notes that an offset was handed out. Must be above every earlier one.</summary>
    public void Deliver(long offset)
    {
        if (offset < _deliveredUntil)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"delivered again or out of order; expected at least {_deliveredUntil}");
        }

        // Whatever lies between was removed, or completed in an earlier life.
        if (offset > _deliveredUntil)
        {
            Add(_deliveredUntil, offset);
        }

        _deliveredUntil = offset + 1;
        OpenCount++;
    }

    /// <summary>Notes that work on an offset is done. Completing twice, or what was never delivered, changes nothing and returns false.</summary>
    public bool Complete(long offset)
    {
        if (offset < _next || offset >= _deliveredUntil || (_above.Count > 0 && IsInRange(offset)))
        {
            return false;
        }

        Add(offset, offset + 1);
        OpenCount--;
        return true;
    }

    /// <summary>The progress as it would be with these offsets completed too; changes nothing. Costs a copy of the ranges.</summary>
    public Progress ProgressWith(IEnumerable<long> offsets)
    {
        var copy = new CompletionTracker(this);
        foreach (var offset in offsets)
        {
            copy.Complete(offset);
        }

        return copy.Progress;
    }

    private bool IsInRange(long offset)
    {
        var index = LastStartingAtOrBelow(offset);
        return index >= 0 && offset < _above[index].Until;
    }

    /// <summary>Index of the last range whose start is at or below the offset, or -1.</summary>
    private int LastStartingAtOrBelow(long offset)
    {
        var ranges = CollectionsMarshal.AsSpan(_above);
        var low = 0;
        var high = ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (ranges[middle].From <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    /// <summary>Adds a completed range, merged with its neighbours and with the progress below.</summary>
    private void Add(long from, long until)
    {
        // The first range to merge with ends at or above the start; the last one starts at or below the end.
        var first = LastStartingAtOrBelow(from);
        if (first < 0 || _above[first].Until < from)
        {
            first++;
        }

        var last = LastStartingAtOrBelow(until);
        if (last >= first)
        {
            from = Math.Min(from, _above[first].From);
            until = Math.Max(until, _above[last].Until);
        }

        if (from <= _next)
        {
            // Nothing open lies below the merged range: all up to its end is done.
            _next = Math.Max(_next, until);
            _above.RemoveRange(0, last + 1);
        }
        else if (last < first)
        {
            _above.Insert(first, new OffsetRange(from, until));
        }
        else
        {
            _above[first] = new OffsetRange(from, until);
            _above.RemoveRange(first + 1, last - first);
        }
    }
}
