using System.Collections.Concurrent;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Delays;
using Trunkline.Server.Flows.Redrives;
using Trunkline.Server.Flows.Tenants;
using Trunkline.Server.Flows.Timers;

namespace Trunkline.Server.Flows;

/// <summary>
/// Runs one flow: takes messages from its source, spreads them over lane groups by key, and commits what they finish. Thread-safe.
/// </summary>
/// <remarks>
/// Three kinds of loops share a <see cref="FlowLedger"/>: one reader, a few lane groups, one committer. The order of a key is kept
/// because a key has one lane group, a group keeps the order of a key, and the ledger and the units keep the order of a group.
/// </remarks>
internal sealed class FlowRunner : IAsyncDisposable
{
    private readonly FlowRunnerOptions _options;
    private readonly FlowLedger _ledger;
    private readonly LaneGroup[] _groups;
    private readonly FlowReader _reader;
    private readonly CommitLoop _commits;
    private readonly TimerLoop _timers;
    private readonly CatchUp _catchUp;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly KeyReleases _releases;
    private readonly FlowRedrives _redrives;
    private readonly ChangeSignal _changed = new();
    private volatile FlowRevision _revision;
    private volatile string? _failure;
    private readonly ConcurrentQueue<Task> _running = new();
    private bool _paused;
    private bool _closed;
    private int _disposed;

    public FlowRunner(FlowRunnerOptions options)
    {
        _options = options;
        _revision = options.Revision;
        _ledger = new FlowLedger(options.Limits);
        var meter = new FlowMeter(options.Flow, options.Sink ?? "in", options.Time);
        var tracer = new FlowTracer(options.Flow, options.Sink, options.Topic, options.Store, options.Time);
        var context = new LaneContext
        {
            Flow = options.Flow,
            Step = options.Sink ?? "flow",
            Topic = options.Topic,
            Store = options.Store,
            WritesOutcomes = options.OutcomeTopic is not null,
            Ledger = _ledger,
            Limits = options.Limits,
            Time = options.Time,
            Jitter = options.Jitter,
            Meter = meter,
            Tracer = tracer,
            Log = options.Log,
            Changed = _changed.Set,
            Delayed = options.Delayed.Set,
        };
        // More loops than processors gain nothing: a waiting step costs a lane, not a loop.
        var groups = Math.Clamp(Environment.ProcessorCount, 1, Math.Max(1, options.Revision.Lanes));
        _groups = new LaneGroup[groups];
        for (var i = 0; i < groups; i++)
        {
            options.Revision.Enter();
            _groups[i] = new LaneGroup(context, options.Revision, i, groups);
        }

        _timers = new TimerLoop(options, _ledger, key => _reader!.GroupOf(key));
        _reader = new FlowReader(options, _ledger, _groups, _timers, Run);
        _catchUp = new CatchUp(options, _ledger, _reader.BeginAgain);
        _commits = new CommitLoop(new CommitContext
        {
            Flow = options.Flow,
            Broker = options.Broker,
            OutcomeTopic = options.OutcomeTopic,
            Ledger = _ledger,
            Source = () => _reader.Source,
            Limits = options.Limits,
            Time = options.Time,
            Meter = meter,
            Tracer = tracer,
            Log = options.Log,
            Refused = work => _ = WatchRefusedAsync(work),
            Changed = () =>
            {
                _changed.Set();
                _timers.Progressed();
                _catchUp.Progressed();
            },
        });
        _releases = new KeyReleases(new KeyReleaseContext
        {
            Flow = options.Flow,
            Broker = options.Broker,
            Ledger = _ledger,
            GroupOf = _reader.GroupOf,
            ParkedTopic = () => _revision.Rules.ParkedTopic,
            Changed = () => _changed.Next,
            Delayed = options.Delayed,
            Time = options.Time,
            Log = options.Log,
            Stop = _stop.Token,
        });
        _redrives = new FlowRedrives(_ledger, _releases, _reader.GroupOf);
    }

    public string Flow => _options.Flow;

    /// <summary>Starts the loops; call once.</summary>
    public void Start()
    {
        Run(_reader.RunAsync);
        Run(_catchUp.RunAsync);
        Run(_commits.RunAsync);
        Run(_releases.RunAsync);
        foreach (var group in _groups)
        {
            Run(group.RunAsync);
        }

        if (_options.Sink is null)
        {
            Run(_timers.RunAsync);
        }

        Log.FlowStarted(_options.Log, Flow, _revision.Number, _options.Topic);
    }

    /// <summary>New messages begin with this revision; those begun finish on theirs.</summary>
    public void Switch(FlowRevision revision)
    {
        lock (_lock)
        {
            foreach (var group in _groups)
            {
                revision.Enter();
                group.Post(new LaneSwitch(revision));
            }

            _revision = revision;
        }

        Log.FlowSwitched(_options.Log, Flow, revision.Number);
    }

    /// <summary>Takes no new messages until resumed; those taken finish. Idempotent.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            _paused = true;
        }

        _ledger.Hold(true);
        _releases.Hold(true);
    }

    /// <summary>Goes on, also with partitions the failure policy stopped: they are taken anew from their position. Idempotent.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _paused = false;
        }

        _ledger.Hold(false);
        _catchUp.Progressed();
        _releases.Hold(false);
        if (_ledger.Stopped().Count > 0)
        {
            _reader.Reopen();
        }
    }

    /// <summary>Drops everything read and not committed, and reads it again; completes when that is so, or the runner has ended.</summary>
    public async Task ReopenAsync()
    {
        if (Volatile.Read(ref _disposed) != 0)
        {
            return;
        }

        try
        {
            await _reader.ReopenAsync().WaitAsync(_stop.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
        {
            // The runner has ended: nothing of what it had read is committed any more.
        }
    }

    /// <summary>
    /// Stops taking messages, lets those at work finish and commit for at most the given time, then ends. What waits for a retry
    /// stays uncommitted and comes again. True if all at work was finished.
    /// </summary>
    public async Task<bool> StopAsync(TimeSpan drain)
    {
        _ledger.Hold(true);
        _releases.Hold(true);
        var drained = await DrainAsync(drain);
        await _stop.CancelAsync();
        while (_running.TryDequeue(out var loop))
        {
            await loop;
        }

        await _reader.EndAsync();
        await _reader.CloseAsync();
        _closed = true;
        Log.FlowStopped(_options.Log, Flow, drained);
        return drained;
    }

    /// <summary>
    /// Runs what waits behind a parked key, in order, with the revision in force; then the key is open again.
    /// </summary>
    /// <param name="order">The key, and how.</param>
    /// <param name="cancellationToken">Ends the wait; what is released by then stays released.</param>
    public async Task<KeyReleaseResult> ReleaseAsync(KeyReleaseOrder order, CancellationToken cancellationToken)
    {
        var stop = _stop.Token;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop);
        try
        {
            return await _releases.ReleaseAsync(order, both.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return KeyReleaseResult.Interrupted;
        }
    }

    /// <summary>
    /// Forgets what is remembered of a key, timers included, in order with its messages. Durable when it answers; false if there was
    /// nothing, or the partition was given away meanwhile.
    /// </summary>
    public Task<bool> DropStateAsync(MessageKey key, CancellationToken cancellationToken) => _timers.DropAsync(key, cancellationToken);

    /// <summary>Runs the message of a dead letter again, in order behind others of its key; completes when what became of it is durable.</summary>
    public async Task<RedriveResult> RedriveAsync(RedriveOrder order, CancellationToken cancellationToken)
    {
        var stop = _stop.Token;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop);
        try
        {
            return stop.IsCancellationRequested ? RedriveResult.Interrupted : await _redrives.RunAsync(order, both.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return RedriveResult.Interrupted;
        }
    }

    /// <summary>The parked keys of the partitions this runner has, at most so many.</summary>
    public IReadOnlyList<ParkedKeySnapshot> Parked(int max) => _releases.Snapshot(max);

    public FlowRunnerStatus Status()
    {
        var (stopped, states) = (_ledger.Stopped(), _ledger.WithStates(atWork: false));
        var (parked, delayed) = _releases.Count();
        var state = _failure is not null ? FlowState.Failed
            : _stop.IsCancellationRequested ? FlowState.Stopped
            : _paused ? FlowState.Paused
            : stopped.Count > 0 ? FlowState.PartlyStopped
            : FlowState.Running;
        return new FlowRunnerStatus
        {
            State = state,
            Reason = _failure ?? (_commits.Trouble is { } trouble ? FlowSnapshot.CommitsWait + trouble : _reader.Trouble),
            Stopped = stopped,
            Revision = _revision.Number,
            InFlight = _ledger.InFlight,
            HeldBack = HeldBack,
            ParkedKeys = parked,
            Delayed = delayed,
            Timers = states.Sum(w => w.States!.TimerCount),
            IsTimerDue = states.Any(w => w.States!.IsDue(_options.Time.GetUtcNow())),
            Counts = _ledger.Count(),
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        // Also of a flow that failed: its source would go on holding partitions.
        if (!_closed)
        {
            await StopAsync(TimeSpan.Zero);
        }

        // A release that was cut short by the stop ends first.
        await _releases.EndAsync();
        _reader.Dispose();
        _stop.Dispose();
    }

    private int HeldBack
    {
        get
        {
            var held = 0;
            foreach (var group in _groups)
            {
                held += group.HeldBack;
            }

            return held;
        }
    }

    /// <summary>Nothing is at work: all that is in flight waits for a retry, or behind one.</summary>
    private async Task<bool> DrainAsync(TimeSpan bound)
    {
        using var timeout = new CancellationTokenSource(bound, _options.Time);
        while (_failure is null)
        {
            var next = _changed.Next;
            if (_ledger.InFlight <= HeldBack + _ledger.Stuck)
            {
                return true;
            }

            try
            {
                await next.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>
    /// After a refused commit the broker tells what became of the partition. If it does not, nobody would work on it: then the
    /// flow subscribes afresh.
    /// </summary>
    private async Task WatchRefusedAsync(PartitionWork work)
    {
        try
        {
            await Task.Delay(_options.Limits.FencedWaitMax, _options.Time, _stop.Token);
            if (_ledger.IsStillRefused(work))
            {
                _reader.Reopen();
            }
        }
        catch (OperationCanceledException)
        {
            // The flow stops.
        }
    }

    private void Run(Func<CancellationToken, Task> loop) => _running.Enqueue(Task.Run(() => GuardAsync(loop)));

    /// <summary>The boundary of a flow: whatever ends one of its loops stops this flow, and no other.</summary>
    private async Task GuardAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception exception)
        {
            _failure ??= exception is BrokerException broker ? $"{broker.Code}: {broker.Message}" : exception.GetType().Name;
            Log.FlowFailed(_options.Log, Flow, exception);
            await _stop.CancelAsync();
        }
        finally
        {
            _changed.Set();
        }
    }
}
