using Trunkline.Messaging.Brokers;
using Trunkline.Messaging;
using Trunkline.Server.Connectors;

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
    private readonly CommitLoop _commits;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly ChangeSignal _changed = new();
    private CancellationTokenSource _reading;
    private volatile IFlowSource? _source;
    private volatile FlowRevision _revision;
    private volatile string? _failure;
    private Task _running = Task.CompletedTask;
    private bool _paused;
    private int _round;

    public FlowRunner(FlowRunnerOptions options)
    {
        _options = options;
        _revision = options.Revision;
        _ledger = new FlowLedger(options.Limits);
        _reading = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var meter = new FlowMeter(options.Flow, options.Sink ?? "in", options.Time);
        var context = new LaneContext
        {
            Flow = options.Flow,
            Step = options.Sink ?? "flow",
            Topic = options.Topic,
            Ledger = _ledger,
            Limits = options.Limits,
            Time = options.Time,
            Jitter = options.Jitter,
            Meter = meter,
            Log = options.Log,
            Changed = _changed.Set,
        };
        // More loops than processors gain nothing: a waiting step costs a lane, not a loop.
        var groups = Math.Clamp(Environment.ProcessorCount, 1, Math.Max(1, options.Revision.Lanes));
        _groups = new LaneGroup[groups];
        for (var i = 0; i < groups; i++)
        {
            options.Revision.Enter();
            _groups[i] = new LaneGroup(context, options.Revision, groups);
        }

        _commits = new CommitLoop(new CommitContext
        {
            Flow = options.Flow,
            Broker = options.Broker,
            Ledger = _ledger,
            Source = () => _source!,
            Limits = options.Limits,
            Time = options.Time,
            Meter = meter,
            Log = options.Log,
            Refused = work => _ = WatchRefusedAsync(work),
            Changed = _changed.Set,
        });
    }

    public string Flow => _options.Flow;

    /// <summary>Starts the loops; call once.</summary>
    public void Start()
    {
        var loops = new List<Task> { Task.Run(() => GuardAsync(ReadAsync)), Task.Run(() => GuardAsync(_commits.RunAsync)) };
        foreach (var group in _groups)
        {
            loops.Add(Task.Run(() => GuardAsync(group.RunAsync)));
        }

        _running = Task.WhenAll(loops);
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
    }

    /// <summary>Goes on, also with partitions the failure policy stopped: they are taken anew from their position. Idempotent.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _paused = false;
        }

        _ledger.Hold(false);
        if (_ledger.Stopped().Count > 0)
        {
            Reopen();
        }
    }

    /// <summary>
    /// Stops taking messages, lets those at work finish and commit for at most the given time, then ends. What waits for a retry
    /// stays uncommitted and comes again. True if all at work was finished.
    /// </summary>
    public async Task<bool> StopAsync(TimeSpan drain)
    {
        _ledger.Hold(true);
        var drained = await DrainAsync(drain);
        await _stop.CancelAsync();
        await _running;
        if (_source is { } source)
        {
            _source = null;
            await source.DisposeAsync();
        }

        Log.FlowStopped(_options.Log, Flow, drained);
        return drained;
    }

    public FlowRunnerStatus Status()
    {
        var stopped = _ledger.Stopped();
        var state = _failure is not null ? FlowState.Failed
            : _stop.IsCancellationRequested ? FlowState.Stopped
            : _paused ? FlowState.Paused
            : stopped.Count > 0 ? FlowState.PartlyStopped
            : FlowState.Running;
        return new FlowRunnerStatus
        {
            State = state,
            Reason = _failure ?? (_commits.Trouble is { } trouble ? $"commits wait: {trouble}" : null),
            Stopped = stopped,
            Revision = _revision.Number,
            InFlight = _ledger.InFlight,
            HeldBack = HeldBack,
            Counts = _ledger.Count(),
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await StopAsync(TimeSpan.Zero);
        }

        _reading.Dispose();
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

    private async Task ReadAsync(CancellationToken stop)
    {
        var wait = TimeSpan.FromMilliseconds(100);
        while (!stop.IsCancellationRequested)
        {
            var reading = NewReading();
            try
            {
                await CloseSourceAsync();
                var source = await _options.Open(stop);
                _ledger.Open(source);
                _source = source;
                wait = TimeSpan.FromMilliseconds(100);
                await DeliverAsync(source, reading);
            }
            catch (OperationCanceledException) when (reading.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                // Asked to open the source afresh.
            }
            catch (BrokerException failed) when (failed.Code is BrokerErrorCode.Overloaded or BrokerErrorCode.Unreachable)
            {
                Log.SourceFailed(_options.Log, Flow, failed.Code, wait, failed);
                await Task.Delay(wait, _options.Time, stop);
                wait = wait * 2 < _options.Limits.BrokerBackoffMax ? wait * 2 : _options.Limits.BrokerBackoffMax;
            }
        }
    }

    private CancellationToken NewReading()
    {
        lock (_lock)
        {
            if (_reading.IsCancellationRequested && !_stop.IsCancellationRequested)
            {
                _reading.Dispose();
                _reading = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            }

            return _reading.Token;
        }
    }

    /// <summary>The closed one stays in place until the next is open: what still refers to it is refused, not lost.</summary>
    private async Task CloseSourceAsync()
    {
        if (_source is { } old)
        {
            _ledger.Open(old);
            await old.DisposeAsync();
        }
    }

    /// <summary>Leaves the source and opens it again: everything not committed is dropped and comes again.</summary>
    private void Reopen()
    {
        lock (_lock)
        {
            _reading.Cancel();
        }
    }

    private async Task DeliverAsync(IFlowSource source, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await source.ReceiveAsync(_options.Limits.DeliveryMessagesMax, cancellationToken))
            {
                case SubscriptionEvent.Delivered delivered:
                    Deliver(delivered);
                    break;
                case SubscriptionEvent.Assigned assigned:
                    foreach (var (partition, progress) in assigned.Partitions)
                    {
                        _ledger.Assign(partition, progress);
                    }

                    break;
                case SubscriptionEvent.Revoked revoked:
                    foreach (var partition in revoked.Partitions)
                    {
                        _ledger.Revoke(partition);
                    }

                    break;
                case SubscriptionEvent.Gap gap:
                    _ledger.Counters.Missed(gap.Next - gap.From);
                    Log.Gap(_options.Log, Flow, gap.Partition, gap.From, gap.Next);
                    break;
            }
        }
    }

    private void Deliver(SubscriptionEvent.Delivered delivered)
    {
        var messages = delivered.Messages;
        if (_ledger.Deliver(delivered.Partition, messages) is not { } work)
        {
            return;
        }

        var shares = new StoredMessage[]?[_groups.Length];
        var counts = new int[_groups.Length];
        for (var i = 0; i < messages.Count; i++)
        {
            var group = GroupOf(messages[i]);
            (shares[group] ??= new StoredMessage[messages.Count])[counts[group]++] = messages[i];
        }

        for (var group = 0; group < _groups.Length; group++)
        {
            if (shares[group] is { } share)
            {
                _groups[group].Post(new LaneBatch(work, share, counts[group]));
            }
        }
    }

    /// <summary>
    /// The lane group of a message. The partition comes from the low bits of the same hash, so the group takes others: else all
    /// keys of a partition would share one. Messages without key go round, all of a run to one.
    /// </summary>
    private int GroupOf(StoredMessage message)
    {
        if (_groups.Length == 1)
        {
            return 0;
        }

        return message.Message.Key is { } key
            ? (int)(((uint)key.GetHashCode() * 0x9E3779B1u) >> 16) % _groups.Length
            : (int)((uint)_round++ / 16 % (uint)_groups.Length);
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
                Reopen();
            }
        }
        catch (OperationCanceledException)
        {
            // The flow stops.
        }
    }

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
