using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Timers;

/// <summary>
/// Brings what is due to the lanes of its keys: timers, and values that may have expired. A timer waits until everything the topic took
/// before it was due has been delivered, so that a flow that is late does not find a message missing that had come in time. What fires
/// is removed in the unit that completes it, so a timer that fired and was not completed fires again after a restart.
/// </summary>
internal sealed class TimerLoop(FlowRunnerOptions options, FlowLedger ledger, Func<MessageKey, LaneGroup> groupOf)
{
    // How often what is held up is looked at again, and the longest single wait: clocks may be set.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);

    // Expired answers are left out when they are looked for; how soon they leave the store matters little.
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(10);

    // Timers of keys that wait for messages passed over; past it later timers of the partition wait too.
    private const int HeldUpMax = 10_000;

    private readonly ChangeSignal _changed = new();
    private readonly List<(PartitionWork Work, DueTimer Due)> _heldUp = [];
    private DateTimeOffset _nextSweep;
    private volatile bool _blocked;

    /// <summary>The first in line changed. Thread-safe.</summary>
    public void FirstChanged() => _changed.Set();

    /// <summary>Messages were delivered or committed. Thread-safe, and free unless a timer waits for it.</summary>
    public void Progressed()
    {
        if (_blocked)
        {
            _changed.Set();
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Giving back is a change too, and not one to be woken by.
            GiveBack();
            var next = _changed.Next;
            _blocked = false;
            var wait = default(TimeSpan?);
            var works = ledger.WithStates(atWork: true);
            var now = options.Time.GetUtcNow();
            var sweep = works.Count > 0 && now >= _nextSweep;
            _nextSweep = sweep ? now + SweepEvery : _nextSweep;
            foreach (var work in works)
            {
                wait = Sooner(wait, await FireAsync(work, sweep, cancellationToken));
            }

            if (works.Any(w => w.States!.Memo!.IsUsed))
            {
                wait = Sooner(wait, _nextSweep > now ? _nextSweep - now : TimeSpan.Zero);
            }

            wait = _heldUp.Count > 0 ? Sooner(wait, LookAgain) : wait;
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(next, Task.Delay(wait is null ? Timeout.InfiniteTimeSpan : Sooner(wait, WaitMax)!.Value, options.Time, woken.Token));
            await woken.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Fires what is due in a partition; gives the time to the next look, null if only a change asks for one.</summary>
    private async Task<TimeSpan?> FireAsync(PartitionWork work, bool sweep, CancellationToken cancellationToken)
    {
        var states = work.States!;
        try
        {
            if (sweep && await states.Memo!.SweepAsync(cancellationToken))
            {
                _nextSweep = options.Time.GetUtcNow();
            }

            if (states.MustLoad)
            {
                await states.LoadTimersAsync(cancellationToken);
            }

            while (states.First is { } due)
            {
                var wait = due.Due - options.Time.GetUtcNow();
                if (wait > TimeSpan.Zero)
                {
                    return wait;
                }

                if (work.InFlight < options.Limits.PartitionInFlightMax && await MustWaitAsync(work, due, cancellationToken) && _heldUp.Count < HeldUpMax)
                {
                    // What waits is its own key: others' timers need not.
                    _heldUp.Add((work, due));
                    states.Take(due);
                    continue;
                }

                if (work.InFlight >= options.Limits.PartitionInFlightMax || !await HasDeliveredAsync(work, due, cancellationToken))
                {
                    // Looked at again as soon as something is delivered or committed.
                    _blocked = true;
                    return LookAgain;
                }

                await BringAsync(work, due, cancellationToken);
            }

            return states.MustLoad ? TimeSpan.Zero : null;
        }
        catch (BrokerException failed) when (failed.Code is BrokerErrorCode.Overloaded or BrokerErrorCode.Unreachable)
        {
            Log.TimersFailed(options.Log, options.Flow, work.Partition, failed.Code, failed);
            return LookAgain;
        }
    }

    private async Task BringAsync(PartitionWork work, DueTimer due, CancellationToken cancellationToken)
    {
        if (work.Parked.Find(due.Key) is not null)
        {
            // It stays in the store; its turn comes when the key is open.
            _heldUp.Add((work, due));
        }
        else if (due.IsSweep)
        {
            Post(work, Placeholder(work, due.Key, options.Time.GetUtcNow()), new StateVisit.Sweep(due));
        }
        else
        {
            var state = await work.States!.PeekAsync(due.Key, cancellationToken);
            if (state.Timers.FirstOrDefault(t => t.Name == due.Name && t.Due == due.Due) is { } timer)
            {
                Post(work, TimerMessage.Of(options.Flow, work.Partition, due.Key, timer), new StateVisit.Timer(due));
            }
        }

        // Out of the line only when it is in flight: who watches the flow never sees it idle between the two.
        work.States!.Take(due);
    }

    /// <summary>
    /// Removes value and timers of a key, in order with its messages. True when that is durable; false if there was nothing, the key is
    /// parked, or its partition was given away.
    /// </summary>
    public async Task<bool> DropAsync(MessageKey key, CancellationToken cancellationToken)
    {
        var dropped = false;
        foreach (var work in ledger.WithStates(atWork: false).Where(w => w.IsOwned))
        {
            if ((await work.States!.PeekAsync(key, cancellationToken)).IsNone)
            {
                continue;
            }

            var visit = new StateVisit.Drop(key, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
            Post(work, Placeholder(work, key, options.Time.GetUtcNow()), visit);
            while (!visit.Done.Task.IsCompleted && work.IsOwned)
            {
                await Task.WhenAny(visit.Done.Task, Task.Delay(LookAgain, options.Time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }

            dropped |= visit.Done.Task is { IsCompleted: true, Result: true };
        }

        return dropped;
    }

    private void Post(PartitionWork work, StoredMessage message, StateVisit visit)
    {
        if (ledger.BeginVisit(work))
        {
            groupOf(visit.Key).Post(new LaneBatch(work, [message], 1) { Visit = visit });
        }
        else
        {
            (visit as StateVisit.Drop)?.Done.TrySetResult(false);
        }
    }

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b ?? a : a;

    private void GiveBack()
    {
        foreach (var (work, due) in _heldUp.Where(held => held.Work.IsOwned))
        {
            work.States!.GiveBack(due);
        }

        _heldUp.Clear();
    }

    private async ValueTask<bool> HasDeliveredAsync(PartitionWork work, DueTimer due, CancellationToken cancellationToken) =>
        !options.ReadsTopic
        || ledger.DeliveredUntil(work, due.Key) >= await options.Broker.OffsetAtAsync(options.Topic, work.Partition, due.Due, cancellationToken);

    /// <summary>Messages of its key that came in time were passed over, while the partition as such was read far enough.</summary>
    private async ValueTask<bool> MustWaitAsync(PartitionWork work, DueTimer due, CancellationToken cancellationToken) =>
        options.ReadsTopic
        && ledger.DeliveredUntil(work, due.Key) is var until && until < work.DeliveredUntil
        && await options.Broker.OffsetAtAsync(options.Topic, work.Partition, due.Due, cancellationToken) is var needed && until < needed && needed <= work.DeliveredUntil;

    /// <summary>A visit that runs no message needs its key and its time only.</summary>
    private static StoredMessage Placeholder(PartitionWork work, MessageKey key, DateTimeOffset now) =>
        new(new Message { Key = key, Payload = default }, new Position(work.Partition, 0), now);
}
