namespace Trunkline.Core.Limits;

/// <summary>
/// Holds calls to a far side that keeps failing, instead of failing them: after a number of failures in a row calls wait, first come
/// first served; after a pause one goes through as a probe; one that succeeds lets all go on, one that fails makes the pause longer.
/// Thread-safe; its clock is a <see cref="TimeProvider"/>.
/// </summary>
/// <param name="rule">When it opens, and for how long.</param>
/// <param name="time">The clock.</param>
public sealed class Breaker(BreakerRule rule, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<BreakerPass>> _waiting = new();
    private BreakerState _state;
    private ITimer? _timer;
    private TimeSpan _pause;
    private DateTimeOffset? _since;
    private DateTimeOffset? _nextProbe;
    private bool _probeIsOut;
    private string? _reason;
    private int _failures;
    private int _pauses;
    private bool _disposed;

    /// <summary>The rule.</summary>
    public BreakerRule Rule => rule;

    /// <summary>Told when it opens (true) and closes (false), in order; it must return at once and not call the breaker.</summary>
    public Action<bool>? Changed { get; init; }

    /// <summary>True while calls go through.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _state == BreakerState.Closed;
            }
        }
    }

    /// <summary>How it stands.</summary>
    public BreakerReport Report()
    {
        lock (_lock)
        {
            return new BreakerReport(_state, _failures, _since, _nextProbe, _waiting.Count, _reason);
        }
    }

    /// <summary>
    /// Lets a call through, at once or when its turn comes. What became of it must be told by exactly one of <see cref="Succeeded"/>,
    /// <see cref="Failed"/> and <see cref="GaveUp"/>.
    /// </summary>
    public async ValueTask<BreakerPass> EnterAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource<BreakerPass>> place;
        lock (_lock)
        {
            if (_state == BreakerState.Closed)
            {
                return default;
            }

            if (_state == BreakerState.Probing && !_probeIsOut)
            {
                _probeIsOut = true;
                return new BreakerPass(true);
            }

            place = _waiting.AddLast(new TaskCompletionSource<BreakerPass>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            return await place.Value.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Leave(place);
            throw;
        }
    }

    /// <summary>The far side answered: it works.</summary>
    public void Succeeded(BreakerPass pass)
    {
        // Any answer counts, also that of a call that began before the breaker opened.
        lock (_lock)
        {
            Close();
        }
    }

    /// <summary>The call failed in a way that may pass. True if the breaker is open now: then the failure is the far side's, not the message's.</summary>
    /// <param name="pass">The call's.</param>
    /// <param name="reason">How it failed, for people; no payload.</param>
    /// <param name="retryAfter">The earliest next try the far side asked for; bounded by the longest pause.</param>
    public bool Failed(BreakerPass pass, string reason, TimeSpan? retryAfter)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return false;
            }

            _failures++;
            _reason = reason;
            if (_state == BreakerState.Closed && _failures < rule.Failures)
            {
                return false;
            }

            if (_state == BreakerState.Closed)
            {
                _since = time.GetUtcNow();
                Open(rule.PauseMin, retryAfter);
                Changed?.Invoke(true);
            }
            else if (pass.IsProbe)
            {
                _probeIsOut = false;
                Open(_pause * 2, retryAfter);
            }

            return true;
        }
    }

    /// <summary>The call came to nothing, for reasons of its own: another may be the probe.</summary>
    public void GaveUp(BreakerPass pass)
    {
        lock (_lock)
        {
            if (pass.IsProbe && _state == BreakerState.Probing)
            {
                _probeIsOut = false;
                LetProbe();
            }
        }
    }

    /// <summary>Closes it by hand: all that wait go on.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            Close();
        }
    }

    /// <summary>Closes it for good: all that wait go on, and it never opens again.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Close();
        }
    }

    private void Leave(LinkedListNode<TaskCompletionSource<BreakerPass>> place)
    {
        lock (_lock)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
            }
            else if (place.Value.Task is { IsCompletedSuccessfully: true, Result.IsProbe: true } && _state == BreakerState.Probing)
            {
                // It was just let through as the probe, and left all the same.
                _probeIsOut = false;
                LetProbe();
            }
        }
    }

    private void Open(TimeSpan pause, TimeSpan? retryAfter)
    {
        _pause = pause < rule.PauseMax ? pause : rule.PauseMax;
        var wait = retryAfter is { } asked && asked > _pause ? asked : _pause;
        wait = wait < rule.PauseMax ? wait : rule.PauseMax;
        _state = BreakerState.Open;
        _nextProbe = time.GetUtcNow() + wait;
        _timer?.Dispose();
        var pauseNumber = ++_pauses;
        _timer = time.CreateTimer(_ => PauseOver(pauseNumber), null, wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A timer that was stopped may still come: only that of the pause at hand counts.</summary>
    private void PauseOver(int pauseNumber)
    {
        lock (_lock)
        {
            if (_state == BreakerState.Open && pauseNumber == _pauses)
            {
                _state = BreakerState.Probing;
                _nextProbe = null;
                LetProbe();
            }
        }
    }

    private void LetProbe()
    {
        if (_waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            _probeIsOut = true;
            first.Value.TrySetResult(new BreakerPass(true));
        }
    }

    private void Close()
    {
        var wasOpen = _state != BreakerState.Closed;
        _state = BreakerState.Closed;
        (_failures, _reason, _since, _nextProbe, _probeIsOut) = (0, null, null, null, false);
        _timer?.Dispose();
        _timer = null;
        foreach (var waiting in _waiting)
        {
            waiting.TrySetResult(default);
        }

        _waiting.Clear();
        if (wasOpen)
        {
            Changed?.Invoke(false);
        }
    }
}

/// <summary>A call that a <see cref="Breaker"/> let through.</summary>
/// <param name="IsProbe">Whether it is the one that shows if the far side works again.</param>
public readonly record struct BreakerPass(bool IsProbe);
