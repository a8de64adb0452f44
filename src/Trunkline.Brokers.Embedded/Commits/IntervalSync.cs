namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>When the next sync for topics of durability <c>interval</c> is due: the interval after the first write not yet synced.</summary>
internal sealed class IntervalSync : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long? _dueAt;

    public IntervalSync(TimeProvider time, Action wake)
    {
        _time = time;
        _timer = time.CreateTimer(static w => ((Action)w!)(), wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>True if the time has come. Writer's thread only, as all below.</summary>
    public bool IsDue => _dueAt <= _time.GetTimestamp();

    /// <summary>Something was written that must be synced within the interval; null: whenever.</summary>
    public void Request(TimeSpan? interval)
    {
        if (interval is not { } within)
        {
            return;
        }

        var at = _time.GetTimestamp() + (long)(within.TotalSeconds * _time.TimestampFrequency);
        if (_dueAt is null || at < _dueAt)
        {
            _dueAt = at;
            _timer.Change(within, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Everything written is synced.</summary>
    public void Done() => _dueAt = null;

    public void Dispose() => _timer.Dispose();
}
