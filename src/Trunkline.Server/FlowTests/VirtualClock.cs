namespace Trunkline.Server.FlowTests;

/// <summary>
/// A clock that stands still until it is moved to its next timer, so that waiting for a retry costs nothing. Thread-safe.
/// </summary>
internal sealed class VirtualClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<VirtualTimer> _timers = [];
    private long _elapsed;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Time passed since the start.</summary>
    public TimeSpan Elapsed => new(Volatile.Read(ref _elapsed));

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => start.AddTicks(Volatile.Read(ref _elapsed));

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _elapsed);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves to the next timer and runs all that are due then; false if there is none.</summary>
    /// <param name="notPast">Not further than this, counted from the start; null for any distance.</param>
    public bool MoveToNextTimer(TimeSpan? notPast = null)
    {
        VirtualTimer[] due;
        lock (_gate)
        {
            if (_timers.Count == 0 || (_timers.Min(timer => timer.Due) is var next && next > notPast?.Ticks))
            {
                return false;
            }

            Volatile.Write(ref _elapsed, Math.Max(_elapsed, next));
            due = [.. _timers.Where(timer => timer.Due <= _elapsed).OrderBy(timer => timer.Due)];
            foreach (var timer in due)
            {
                Rearm(timer);
            }
        }

        foreach (var timer in due)
        {
            timer.Run();
        }

        return true;
    }

    private void Rearm(VirtualTimer timer)
    {
        if (timer.Period > 0)
        {
            timer.Due = _elapsed + timer.Period;
        }
        else
        {
            _timers.Remove(timer);
        }
    }

    private void Set(VirtualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            timer.Period = period > TimeSpan.Zero ? period.Ticks : 0;
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            // Also what is due at once waits for the clock to be moved: nothing runs inside the call that made the timer.
            timer.Due = _elapsed + Math.Max(0, dueTime.Ticks);
            _timers.Add(timer);
        }
    }

    private void Drop(VirtualTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    private sealed class VirtualTimer(VirtualClock clock, Action run) : ITimer
    {
        public long Due { get; set; }

        public long Period { get; set; }

        public void Run() => run();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Set(this, dueTime, period);
            return true;
        }

        public void Dispose() => clock.Drop(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
