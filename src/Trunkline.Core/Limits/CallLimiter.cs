namespace Trunkline.Core.Limits;

/// <summary>
/// Lets as many calls run at once as the other side can take, and none while it rests; the others wait their fair turn. Thread-safe.
/// </summary>
public sealed class CallLimiter : IDisposable
{
    /// <summary>Calls that may wait at most. Past it they are refused as <see cref="AdmissionRefusal.Full"/>.</summary>
    public const int WaitingMax = 100_000;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly AdaptiveConcurrency _concurrency;
    private readonly Breaker? _breaker;
    private readonly FairQueue<Waiter> _waiting = new(WaitingMax);
    private ITimer? _wake;
    private int _running;
    private bool _probeIsOut;
    private bool _closed;

    /// <param name="settings">The bounds.</param>
    /// <param name="rule">When it lets nothing through because the other side fails; null for never.</param>
    /// <param name="time">The clock.</param>
    /// <param name="changed">Told when the breaker opens (true) and closes (false), in order; it must return at once and not call the limiter.</param>
    public CallLimiter(ConcurrencySettings settings, BreakerRule? rule, TimeProvider time, Action<bool>? changed = null)
    {
        (Settings, Rule, _time, _concurrency) = (settings, rule, time, new AdaptiveConcurrency(settings));
        _breaker = rule is null ? null : new Breaker(rule, time) { Changed = changed };
    }

    /// <summary>The bounds.</summary>
    public ConcurrencySettings Settings { get; }

    /// <summary>When it lets nothing through because the other side fails; null for never.</summary>
    public BreakerRule? Rule { get; }

    /// <summary>How its breaker stands; null without one.</summary>
    public BreakerReport? Report()
    {
        lock (_lock)
        {
            return _breaker?.Report(_waiting.Count);
        }
    }

    /// <summary>How it stands.</summary>
    public LimiterStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new LimiterStatus(_concurrency.Limit, _running, _waiting.Count, Rest);
            }
        }
    }

    /// <summary>Asks for leave to make a call, and waits for it if need be.</summary>
    /// <param name="share">Whose call it is.</param>
    /// <param name="waitingMax">With so many waiting already it is refused; 0 for no wait at all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Admission> EnterAsync(WorkShare share, int waitingMax, CancellationToken cancellationToken)
    {
        Waiter waiter;
        FairQueue<Waiter>.Place? place;
        lock (_lock)
        {
            if (_closed)
            {
                return new Admission(null, AdmissionRefusal.Closed);
            }

            if (_waiting.Count == 0 && HasRoom)
            {
                return new Admission(Grant());
            }

            waiter = new Waiter();
            place = _waiting.Count < waitingMax ? _waiting.TryEnqueue(waiter, share) : null;
            if (place is null)
            {
                return new Admission(null);
            }

            WakeAfterRest();
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static state =>
            {
                var (limiter, waiter, place) = ((CallLimiter, Waiter, FairQueue<Waiter>.Place))state!;
                limiter.Leave(waiter, place);
            },
            (this, waiter, place));
        return await waiter.Task.ConfigureAwait(false) ?? throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Lets nothing in any more; those that wait are told. Calls that run go on.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;

            // Told as closed: nobody waits for it any more, and calls from before say nothing to it.
            _breaker?.Reset();
            while (_waiting.TryDequeue(out var waiter))
            {
                waiter.TrySetResult(new Admission(null, AdmissionRefusal.Closed));
            }
        }
    }

    /// <summary>Ends a pause by hand: calls go on as if the other side had answered.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _breaker?.Reset();
            _probeIsOut = false;
            Serve();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _wake?.Dispose();
    }

    internal bool Complete(Permit permit, CallResult result, TimeSpan? retryAfter, string? reason)
    {
        lock (_lock)
        {
            if (result != CallResult.GivenUp)
            {
                _concurrency.Record(_time.GetElapsedTime(permit.Started).TotalSeconds, result == CallResult.Overloaded, _running);
            }

            if (permit.Round == Round)
            {
                _probeIsOut = false;
            }

            if (result == CallResult.Answered)
            {
                _breaker?.Succeeded(permit.Round);
            }
            else if (result != CallResult.GivenUp)
            {
                _breaker?.Failed(permit.Round, reason);
            }

            if (retryAfter is { } wait)
            {
                _breaker?.Ask(wait);
            }

            _running--;
            Serve();
            return _breaker is { IsOpen: true } && !_closed;
        }
    }

    private TimeSpan Rest => _breaker?.Wait ?? TimeSpan.Zero;

    private int Round => _breaker?.Round ?? 0;

    /// <summary>While the breaker is open, calls from before that still run keep no probe back.</summary>
    private bool HasRoom => Rest == TimeSpan.Zero && (_breaker is { IsOpen: true } ? !_probeIsOut : _running < _concurrency.Limit);

    private Permit Grant()
    {
        _running++;
        _probeIsOut = _breaker is { IsOpen: true };
        return new Permit(this, _time.GetTimestamp(), Round);
    }

    private void Serve()
    {
        while (HasRoom && _waiting.TryDequeue(out var waiter))
        {
            // Continuations run elsewhere, so completing under the lock is harmless.
            waiter.TrySetResult(new Admission(Grant()));
        }

        WakeAfterRest();
    }

    /// <summary>Nobody completes while nothing runs, so the end of a rest must be told by a timer.</summary>
    private void WakeAfterRest()
    {
        if (_waiting.Count == 0 || _closed || Rest is not { Ticks: > 0 } wait)
        {
            return;
        }

        _wake ??= _time.CreateTimer(static state => ((CallLimiter)state!).Woken(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // A timer may come a little early; the millisecond spares a second round.
        _wake.Change(wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Woken()
    {
        lock (_lock)
        {
            Serve();
        }
    }

    private void Leave(Waiter waiter, FairQueue<Waiter>.Place place)
    {
        lock (_lock)
        {
            if (_waiting.Remove(place))
            {
                waiter.TrySetResult(null);
            }
        }
    }

    private sealed class Waiter() : TaskCompletionSource<Admission?>(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>How a limiter stands.</summary>
/// <param name="Limit">Calls that may run at once now.</param>
/// <param name="Running">Calls that run.</param>
/// <param name="Waiting">Calls that wait.</param>
/// <param name="Rest">How long nothing is called, because the other side fails or asks for it; zero if it is.</param>
public readonly record struct LimiterStatus(int Limit, int Running, int Waiting, TimeSpan Rest);
