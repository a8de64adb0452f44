namespace Trunkline.Messaging.Consuming;

/// <summary>
/// Tracks which delivered offsets of one partition are completed, in any order, and tells the <see cref="Progress"/>
/// to commit. Offsets must be delivered in rising order; gaps between them (removed or already completed messages) count
/// as completed. Not thread-safe.
/// </summary>
public sealed class CompletionTracker
{
    private readonly SortedSet<long> _open = [];
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
        _open = [.. other._open];
        _above = [.. other._above];
        _next = other._next;
        _deliveredUntil = other._deliveredUntil;
    }

    /// <summary>Offsets delivered and not completed.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Ranges completed above the lowest open offset: what a commit has to carry.</summary>
    public int RangeCount => _above.Count;

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
        _open.Add(offset);
        Advance();
    }

    /// <summary>Notes that work on an offset is done. Completing twice, or what was never delivered, changes nothing and returns false.</summary>
    public bool Complete(long offset)
    {
        if (!_open.Remove(offset))
        {
            return false;
        }

        Add(offset, offset + 1);
        Advance();
        return true;
    }

    /// <summary>The progress to commit now.</summary>
    public Progress Progress => new(_next, _above.Count == 0 ? [] : [.. _above]);

    /// <summary>The progress as it would be with these offsets completed too; changes nothing. Costs a copy of what is open.</summary>
    public Progress ProgressWith(IEnumerable<long> offsets)
    {
        var copy = new CompletionTracker(this);
        foreach (var offset in offsets)
        {
            copy.Complete(offset);
        }

        return copy.Progress;
    }

    /// <summary>Open offsets never lie in a completed range, so the first range can only start at or above the next offset.</summary>
    private void Advance()
    {
        if (_above.Count > 0 && _above[0].From <= _next)
        {
            _next = _above[0].Until;
            _above.RemoveAt(0);
        }
    }

    /// <summary>Adds a completed range, merged with its neighbours.</summary>
    private void Add(long from, long until)
    {
        var index = _above.Count;
        while (index > 0 && _above[index - 1].Until >= from)
        {
            index--;
        }

        while (index < _above.Count && _above[index].From <= until)
        {
            from = Math.Min(from, _above[index].From);
            until = Math.Max(until, _above[index].Until);
            _above.RemoveAt(index);
        }

        _above.Insert(index, new OffsetRange(from, until));
    }
}
