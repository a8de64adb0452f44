namespace Trunkline.Core.Limits;

/// <summary>
/// Keeps calls from a side that keeps failing: opened by its rule, it lets nothing through for a pause, then one call as a probe; while probes fail
/// the pause doubles. Also keeps the pause the other side asks for. Who waits, and in which order, is its <see cref="CallLimiter"/>'s. Not thread-safe.
/// </summary>
internal sealed class Breaker(BreakerRule rule, TimeProvider time)
{
    private DateTimeOffset? _since;
    private DateTimeOffset _pauseEnd;
    private DateTimeOffset _windowEnd;
    private TimeSpan _pause;
    private string? _reason;
    private int _calls;
    private int _failures;

    /// <summary>Told when it opens (true) and closes (false).</summary>
    public Action<bool>? Changed { get; init; }

    /// <summary>True from opening until a probe succeeds: then one call at a time may go, after the pause.</summary>
    public bool IsOpen => _since is not null;

    /// <summary>How many pauses it has begun: calls that began before a pause say nothing about what came after it.</summary>
    public int Round { get; private set; }

    /// <summary>How long nothing may be called; zero if it may.</summary>
    public TimeSpan Wait
    {
        get
        {
            var wait = _pauseEnd - time.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>A call was answered.</summary>
    /// <param name="round">The round it began in.</param>
    public void Succeeded(int round)
    {
        if (round != Round)
        {
            return;
        }

        if (IsOpen)
        {
            Close();
        }
        else if (rule.Window is null)
        {
            (_failures, _reason) = (0, null);
        }
        else
        {
            Count(0);
        }
    }

    /// <summary>A call failed in a way that says something about the other side.</summary>
    /// <param name="round">The round it began in.</param>
    /// <param name="reason">How, for people; no payload. Null for nothing to tell.</param>
    public void Failed(int round, string? reason)
    {
        if (round != Round)
        {
            return;
        }

        _reason = reason;
        if (IsOpen)
        {
            _failures++;
            Pause(_pause * 2);
        }
        else if (Count(1))
        {
            _since = time.GetUtcNow();
            Pause(rule.PauseMin);
            Changed?.Invoke(true);
        }
    }

    /// <summary>The other side asks to be left alone so long; bounded by the rule.</summary>
    public void Ask(TimeSpan wait)
    {
        var bound = rule.AskedMax ?? rule.PauseMax;
        var end = time.GetUtcNow() + (wait < bound ? wait : bound);
        _pauseEnd = end > _pauseEnd ? end : _pauseEnd;
    }

    /// <summary>Closes it by hand; no pause is kept.</summary>
    public void Reset()
    {
        Close();
        Round++;
    }

    /// <summary>How it stands.</summary>
    /// <param name="waiting">Calls that wait.</param>
    public BreakerReport Report(int waiting)
    {
        var wait = Wait;
        var state = !IsOpen ? BreakerState.Closed : wait > TimeSpan.Zero ? BreakerState.Open : BreakerState.Probing;
        return new BreakerReport(state, _failures, _since, wait > TimeSpan.Zero ? _pauseEnd : null, waiting, _reason);
    }

    /// <summary>Counts a call that ended; true if it is time to open.</summary>
    private bool Count(int failed)
    {
        if (rule.Window is not { } window)
        {
            _failures += failed;
            return _failures >= rule.Failures;
        }

        var now = time.GetUtcNow();
        if (now >= _windowEnd)
        {
            (_windowEnd, _calls, _failures) = (now + window, 0, 0);
        }

        _calls++;
        _failures += failed;
        return failed > 0 && _calls >= 2 * rule.Failures && _failures * 2 >= _calls;
    }

    private void Pause(TimeSpan pause)
    {
        _pause = pause < rule.PauseMax ? pause : rule.PauseMax;
        Round++;
        var end = time.GetUtcNow() + _pause;
        _pauseEnd = end > _pauseEnd ? end : _pauseEnd;
    }

    private void Close()
    {
        var wasOpen = IsOpen;
        (_since, _pauseEnd, _pause, _reason, _calls, _failures) = (null, default, default, null, 0, 0);
        if (wasOpen)
        {
            Changed?.Invoke(false);
        }
    }
}
