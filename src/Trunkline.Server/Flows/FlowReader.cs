using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;
using Trunkline.Server.Flows.Delays;
using Trunkline.Server.Flows.Poison;
using Trunkline.Server.Flows.Tenants;
using Trunkline.Server.Flows.Timers;
using Trunkline.Server.State;

namespace Trunkline.Server.Flows;

/// <summary>
/// Reads a flow's source, opened afresh where it must be, keeps the ledger's assignments, and spreads what is delivered over the lane
/// groups: a key always to the same.
/// </summary>
/// <param name="options">The runner's.</param>
/// <param name="ledger">Its books.</param>
/// <param name="groups">Its lane groups.</param>
/// <param name="timers">Told what may bring a timer nearer.</param>
/// <param name="run">Runs a further loop of the flow.</param>
internal sealed class FlowReader(
    FlowRunnerOptions options, FlowLedger ledger, LaneGroup[] groups, TimerLoop timers, Action<Func<CancellationToken, Task>> run) : IDisposable
{
    private readonly Dictionary<int, SuspectRun> _suspects = [];
    private readonly LifeBook _lives = new(options);
    private readonly Lock _spreading = new();
    private readonly Lock _lock = new();
    private CancellationTokenSource _reading = new();
    private volatile IFlowSource? _source;
    private TaskCompletionSource? _reopened;
    private int _round;

    /// <summary>The source now open, or the one that was last.</summary>
    public IFlowSource Source => _source ?? throw new InvalidOperationException("no source was opened yet");

    /// <summary>Why nothing comes from the source; null if all is well, or none is open yet.</summary>
    public string? Trouble => _source?.Trouble;

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    /// <summary>Runs until cancelled; throws what no further try can mend.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var wait = TimeSpan.FromMilliseconds(100);
        while (!stop.IsCancellationRequested)
        {
            var reading = NewReading(stop);
            try
            {
                await CloseAsync();
                var source = await options.Open(stop);
                ledger.Open(source);
                _source = source;
                Opened();
                wait = TimeSpan.FromMilliseconds(100);
                await DeliverAsync(source, reading);
            }
            catch (OperationCanceledException) when (reading.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                // Asked to open the source afresh.
            }
            catch (BrokerException failed) when (failed.Code is BrokerErrorCode.Overloaded or BrokerErrorCode.Unreachable)
            {
                Log.SourceFailed(options.Log, options.Flow, failed.Code, wait, failed);
                await Task.Delay(wait, options.Time, stop);
                wait = wait * 2 < options.Limits.BrokerBackoffMax ? wait * 2 : options.Limits.BrokerBackoffMax;
            }
        }
    }

    /// <summary>Leaves the source and opens it again: everything not committed is dropped and comes again. Thread-safe.</summary>
    public void Reopen() => _ = ReopenAsync();

    /// <summary>The same; completes when the source is open again, so that nothing of what was read before can be committed any more.</summary>
    public Task ReopenAsync()
    {
        lock (_lock)
        {
            _reopened ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

            // The reader may go on within the call, up to the next opening.
            var reopened = _reopened.Task;
            _reading.Cancel();
            return reopened;
        }
    }

    /// <summary>
    /// Closes the source. It stays in place until the next is open: what still refers to it is refused, not lost. Called by the
    /// reader, or after it ended.
    /// </summary>
    public async ValueTask CloseAsync()
    {
        if (_source is { } old)
        {
            ledger.Open(old);
            LeaveSuspects(_suspects.Keys);
            await old.DisposeAsync();
        }
    }

    /// <summary>Begins what was passed over and is read again. Thread-safe.</summary>
    public void BeginAgain(PassedTurn turn, IReadOnlyList<StoredMessage> read)
    {
        lock (_spreading)
        {
            Begin(turn.Work, ledger.TakeBack(turn, read));
        }

        timers.Progressed();
    }

    /// <summary>All partitions end in an orderly way; call after the last commit.</summary>
    public Task EndAsync() => _lives.EndAsync();

    /// <summary>The lane group of a message.</summary>
    public LaneGroup GroupOf(Message message) => groups[IndexOf(message)];

    /// <summary>The lane group of what is parked.</summary>
    public LaneGroup GroupOf(ParkedKey parked) => parked.Key is { } key ? GroupOf(key) : groups[(int)(parked.Episode % groups.Length)];

    /// <summary>The lane group of a key.</summary>
    public LaneGroup GroupOf(MessageKey key) => groups[IndexOf(key)];

    private void Opened()
    {
        lock (_lock)
        {
            // Asked again in between: then this opening is not the one that is waited for.
            if (!_reading.IsCancellationRequested)
            {
                _reopened?.TrySetResult();
                _reopened = null;
            }
        }
    }

    private CancellationToken NewReading(CancellationToken stop)
    {
        lock (_lock)
        {
            _reading.Dispose();
            _reading = CancellationTokenSource.CreateLinkedTokenSource(stop);
            return _reading.Token;
        }
    }

    private async Task DeliverAsync(IFlowSource source, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await source.ReceiveAsync(options.Limits.DeliveryMessagesMax, cancellationToken))
            {
                case SubscriptionEvent.Delivered delivered:
                    Deliver(delivered);
                    break;
                case SubscriptionEvent.Assigned assigned:
                    await AssignAsync(assigned.Partitions, source.Fence is not null, cancellationToken);
                    break;
                case SubscriptionEvent.Revoked revoked:
                    LeaveSuspects(revoked.Partitions);
                    foreach (var partition in revoked.Partitions)
                    {
                        ledger.Revoke(partition);
                    }

                    break;
                case SubscriptionEvent.Gap gap:
                    ledger.Counters.Missed(gap.Next - gap.From);
                    ledger.Skip(gap.Partition, gap.Next);
                    timers.Progressed();
                    Log.Gap(options.Log, options.Flow, gap.Partition, gap.From, gap.Next);
                    break;
            }
        }
    }

    /// <summary>The partitions are ours, so nobody else changes what is read here.</summary>
    private async Task AssignAsync(IReadOnlyList<PartitionAssignment> partitions, bool keepsOffsets, CancellationToken cancellationToken)
    {
        LeaveSuspects(partitions.Select(p => p.Partition));

        // What a sink runs is the node's own sending: no message ends the process there, and kills from outside must not be blamed on one.
        var lives = await _lives.BeginAsync(partitions, keepsOffsets && options.Sink is null, cancellationToken);
        foreach (var (partition, progress) in partitions)
        {
            var life = lives[partition];
            var failures = await PartitionFailures.LoadAsync(options, partition, keepsOffsets, life.IsAfterDeath, cancellationToken);
            var states = await LoadStatesAsync(partition, cancellationToken);

            // Suspects are found by the order they are read in.
            var work = ledger.Assign(partition, progress, failures, new AssignedParts(states, keepsOffsets && options.ReadsTopic && !life.IsCareful));
            if (life.IsCareful)
            {
                var suspects = new SuspectRun(
                    new SuspectContext
                    {
                        Flow = options.Flow,
                        Lives = _lives,
                        GroupOf = message => GroupOf(message.Message),
                        Spread = Spread,
                        Time = options.Time,
                        Log = options.Log,
                    },
                    work,
                    life);
                _suspects.Add(partition, suspects);
                run(suspects.RunAsync);
            }
        }

        options.Delayed.Set();
        timers.FirstChanged();
    }

    private void LeaveSuspects(IEnumerable<int> partitions)
    {
        foreach (var partition in partitions.ToArray())
        {
            if (_suspects.Remove(partition, out var suspects))
            {
                suspects.Complete();
            }
        }
    }

    /// <summary>The same of what is remembered by key: the next timers. A sink remembers nothing.</summary>
    private async Task<KeyStates?> LoadStatesAsync(int partition, CancellationToken cancellationToken)
    {
        if (options.Sink is not null || !options.Broker.Capabilities.HasFlag(BrokerCapabilities.State))
        {
            return null;
        }

        var states = new KeyStates(options.Broker, options.Store, partition)
        {
            FirstChanged = timers.FirstChanged,
            Memo = new MemoStore(options.Broker, options.Store, partition, options.Time) { FirstUsed = timers.FirstChanged },
        };
        await states.LoadTimersAsync(cancellationToken);
        return states;
    }

    private void Deliver(SubscriptionEvent.Delivered delivered)
    {
        // One at a time with what is read again: a key that waited there goes on here as soon as its last message is taken back.
        lock (_spreading)
        {
            if (ledger.Deliver(delivered.Partition, delivered.Messages) is not var (work, messages))
            {
                return;
            }

            if (_suspects.TryGetValue(delivered.Partition, out var suspects))
            {
                suspects.Post(messages);
                return;
            }

            Begin(work, messages);
            Delivered(work, delivered.Messages);
        }
    }

    private void Spread(PartitionWork work, IReadOnlyList<StoredMessage> messages)
    {
        Begin(work, messages);
        Delivered(work, messages);
    }

    private void Begin(PartitionWork work, IReadOnlyList<StoredMessage> messages)
    {
        var shares = new StoredMessage[]?[groups.Length];
        var counts = new int[groups.Length];
        for (var i = 0; i < messages.Count; i++)
        {
            var group = IndexOf(messages[i].Message);
            (shares[group] ??= new StoredMessage[messages.Count])[counts[group]++] = messages[i];
        }

        for (var group = 0; group < groups.Length; group++)
        {
            if (shares[group] is { } share)
            {
                groups[group].Post(new LaneBatch(work, share, counts[group]));
            }
        }

    }

    /// <summary>A timer may have waited for what came before it was due.</summary>
    private void Delivered(PartitionWork work, IReadOnlyList<StoredMessage> messages)
    {
        work.Delivered(messages[^1].Position.Offset + 1);
        timers.Progressed();
    }

    /// <summary>
    /// The lane group of a message. The partition comes from the low bits of the same hash, so the group takes others: else all
    /// keys of a partition would share one. Messages without key go round, all of a run to one.
    /// </summary>
    private int IndexOf(Message message)
    {
        if (groups.Length == 1)
        {
            return 0;
        }

        return message.Key is { } key ? IndexOf(key) : (int)((uint)Interlocked.Increment(ref _round) / 16 % (uint)groups.Length);
    }

    private int IndexOf(MessageKey key) => (int)(((uint)key.GetHashCode() * 0x9E3779B1u) >> 16) % groups.Length;
}
