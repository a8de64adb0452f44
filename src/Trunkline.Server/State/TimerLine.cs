namespace Trunkline.Server.State;

/// <summary>
/// The next timers of one partition in order of time, as many as the bound; what is later stays in the store until these are
/// through. Not thread-safe: guarded by <see cref="KeyStates"/>.
/// </summary>
internal sealed class TimerLine(int max)
{
    private readonly SortedSet<DueTimer> _next = [];

    // What is due later than this is in the store only; null if all is here.
    private DueTimer? _horizon;

    /// <summary>Timers here, expiries left out; at the bound there may be more.</summary>
    public int Timers { get; private set; }

    /// <summary>True if the store may hold more, and none is left here.</summary>
    public bool IsUsedUp => _next.Count == 0 && _horizon is not null;

    /// <summary>The first; null if none is here.</summary>
    public DueTimer? First => _next.Count == 0 ? null : _next.Min;

    public void Add(DueTimer due)
    {
        if (_horizon is not { } horizon || due.CompareTo(horizon) <= 0)
        {
            Timers += _next.Add(due) && !due.IsSweep ? 1 : 0;
            Cut();
        }
    }

    public void Remove(DueTimer due) => Timers -= _next.Remove(due) && !due.IsSweep ? 1 : 0;

    /// <summary>The store is about to be read again: from now on everything is taken.</summary>
    public void BeginLoad() => _horizon = null;

    private void Cut()
    {
        while (_next.Count > max)
        {
            Remove(_next.Max);
            _horizon = _next.Max;
        }
    }
}
