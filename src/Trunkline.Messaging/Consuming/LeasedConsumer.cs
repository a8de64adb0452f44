using Trunkline.Messaging.Brokers;

namespace Trunkline.Messaging.Consuming;

/// <summary>
/// Consumes one topic for one group message by message, on any broker: messages are handed out on a lease, and each is
/// settled by itself, by whoever holds its receipt. Built for consumers in other processes; one of these per (topic, group)
/// and node serves all of them.
/// <list type="bullet">
/// <item>Messages of a key come one at a time in order: the next only after the former was acknowledged or dead-lettered.</item>
/// <item>A lease that runs out, or a nack, makes the message come again with a higher <see cref="LeasedDelivery.DeliveryCount"/>;
/// after <see cref="LeasedConsumerOptions.DeliveriesMax"/> it goes to the dead letters and the key goes on.</item>
/// <item>An acknowledgement is durable when the call returns; late and repeated ones change nothing and report <see cref="LeaseOutcome.Stale"/>.</item>
/// <item>The committed position never passes the lowest unsettled message. Where the broker keeps state, delivery counts survive a
/// restart; delays and leases do not: after one, what was out comes again at once.</item>
/// </list>
/// Run-out leases are noticed by the next fetch. A message is counted as delivered before it is handed out, so one that
/// kills the node is counted too. Thread-safe. If the topic is deleted or the broker closed, every call
/// throws the <see cref="BrokerException"/> that ended it; then open a new one.
/// </summary>
public sealed class LeasedConsumer : IAsyncDisposable
{
    private readonly LeasedConsumerOptions _options;
    private readonly TimeProvider _time;
    private readonly ISubscription _subscription;
    private readonly LeasedWindow _window;
    private readonly LeasedCommits _commits;
    private readonly CancellationTokenSource _closing = new();
    private readonly uint _life = BitConverter.ToUInt32(Guid.NewGuid().ToByteArray());
    private readonly Task _pump;
    private long _leases;
    private int _lastPartition = -1;
    private bool _disposed;

    private LeasedConsumer(IBroker broker, LeasedConsumerOptions options, ISubscription subscription, TimeProvider time)
    {
        _options = options;
        _time = time;
        _subscription = subscription;
        _window = new LeasedWindow(broker, subscription, options);
        _commits = new LeasedCommits(broker, options, _window);
        _pump = _window.PumpAsync(_closing.Token);
    }

    /// <summary>The longest lease or delay: 12 hours.</summary>
    public static TimeSpan LeaseMax { get; } = TimeSpan.FromHours(12);

    /// <summary>Joins the group.</summary>
    public static async ValueTask<LeasedConsumer> OpenAsync(
        IBroker broker, LeasedConsumerOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        CheckSpan(options.Lease, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DeliveriesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.DeliveriesMax, 1000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeasesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WindowMessages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.WindowMessages, 10_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WindowBytes, 1);
        var subscribe = new SubscribeOptions { Topic = options.Topic, Group = options.Group, Start = options.Start };
        var subscription = await broker.SubscribeAsync(subscribe, cancellationToken).ConfigureAwait(false);
        return new LeasedConsumer(broker, options, subscription, time);
    }

    /// <summary>
    /// Hands out messages, lowest of their keys first, in turn over the partitions. Waits for the first one; returns fewer
    /// than asked, or none when the time is up.
    /// </summary>
    /// <param name="messagesMax">At least 1.</param>
    /// <param name="wait">How long to wait for the first; zero looks only once.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is handed out then.</param>
    public async ValueTask<IReadOnlyList<LeasedDelivery>> FetchAsync(int messagesMax, TimeSpan wait, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messagesMax, 1);
        CheckSpan(wait, TimeSpan.Zero);
        var deadline = _time.GetUtcNow() + wait;
        while (true)
        {
            await ThrowIfEndedAsync().ConfigureAwait(false);
            var changed = _window.Changed;
            await _commits.DeadLetterExhaustedAsync(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            var taken = await TakeAsync(messagesMax, cancellationToken).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            if (taken.Count > 0 || now >= deadline)
            {
                return taken;
            }

            await WaitAsync(changed, Until(now, deadline) - now, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Completes messages. Durable when it returns. If it throws, nothing was completed for sure: try again.</summary>
    /// <returns>Per receipt, in order.</returns>
    public async ValueTask<IReadOnlyList<LeaseOutcome>> AckAsync(IReadOnlyList<Receipt> receipts, CancellationToken cancellationToken)
    {
        await ThrowIfEndedAsync().ConfigureAwait(false);
        return await _commits.SettleAsync(receipts, FindLeased, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves messages to the dead letters and completes them, in one commit; the keys go on.</summary>
    /// <param name="receipts">Which.</param>
    /// <param name="reason">For people; kept to 1,024 characters. No payloads, no secrets.</param>
    /// <param name="cancellationToken">Ends the wait; then it is not known whether it took effect.</param>
    /// <returns>Per receipt, in order.</returns>
    public async ValueTask<IReadOnlyList<LeaseOutcome>> RejectAsync(IReadOnlyList<Receipt> receipts, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reason);
        await ThrowIfEndedAsync().ConfigureAwait(false);
        return await _commits.SettleAsync(receipts, FindLeased, reason, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives messages back: they come again after the delay, and their keys wait for them.</summary>
    /// <param name="receipts">Which.</param>
    /// <param name="delay">Zero to <see cref="LeaseMax"/>.</param>
    /// <returns>Per receipt, in order.</returns>
    public IReadOnlyList<LeaseOutcome> Nack(IReadOnlyList<Receipt> receipts, TimeSpan delay)
    {
        CheckSpan(delay, TimeSpan.Zero);
        return ForEach(receipts, (item, now) =>
        {
            item.State = LeaseState.Waiting;
            item.Until = now + delay;
        });
    }

    /// <summary>Makes leases end the given time from now.</summary>
    /// <param name="receipts">Which.</param>
    /// <param name="lease">1 ms to <see cref="LeaseMax"/>.</param>
    /// <returns>Per receipt, in order.</returns>
    public IReadOnlyList<LeaseOutcome> Extend(IReadOnlyList<Receipt> receipts, TimeSpan lease)
    {
        CheckSpan(lease, TimeSpan.FromMilliseconds(1));
        return ForEach(receipts, (item, now) => item.Until = now + lease);
    }

    /// <summary>Leaves the group: what was out goes to other members at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _subscription.DisposeAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private static void CheckSpan(TimeSpan span, TimeSpan min)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span, LeaseMax);
    }

    private async ValueTask<IReadOnlyList<LeasedDelivery>> TakeAsync(int messagesMax, CancellationToken cancellationToken)
    {
        var taken = await _commits.TakeAsync(() => Choose(messagesMax), cancellationToken).ConfigureAwait(false);
        if (taken.Count == 0)
        {
            return [];
        }

        lock (_window.Gate)
        {
            var until = _time.GetUtcNow() + _options.Lease;
            return [.. taken.Select(item =>
            {
                item.State = LeaseState.Leased;
                item.Until = until;
                item.Lease = ++_leases;
                return new LeasedDelivery(new Receipt(item.Stored.Position, item.Lease, _life), item.Stored, item.Deliveries, until);
            })];
        }
    }

    /// <summary>What to hand out now; begins after the partition that came last.</summary>
    private List<(LeasedPartition Partition, LeasedItem Item)> Choose(int messagesMax)
    {
        var now = _time.GetUtcNow();
        var room = Math.Min(messagesMax, _options.LeasesMax - _window.Partitions.Sum(p => p.LeasedCount(now)));
        var chosen = _window.Partitions.OrderBy(p => p.Number <= _lastPartition).ThenBy(p => p.Number)
            .SelectMany(p => p.Available(now).Select(i => (p, i))).Take(Math.Max(0, room)).ToList();
        _lastPartition = chosen.Count > 0 ? chosen[^1].p.Number : _lastPartition;
        return chosen;
    }

    private (LeasedPartition, LeasedItem)? FindLeased(Receipt receipt) =>
        receipt.Life == _life && _window.Find(receipt.Position.Partition) is { } partition && partition.Find(receipt, _time.GetUtcNow()) is { } item
            ? (partition, item)
            : null;

    private LeaseOutcome[] ForEach(IReadOnlyList<Receipt> receipts, Action<LeasedItem, DateTimeOffset> change)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        var outcomes = new LeaseOutcome[receipts.Count];
        lock (_window.Gate)
        {
            for (var i = 0; i < outcomes.Length; i++)
            {
                if (FindLeased(receipts[i]) is var (_, item))
                {
                    change(item, _time.GetUtcNow());
                }
                else
                {
                    outcomes[i] = LeaseOutcome.Stale;
                }
            }

            _window.Notify();
        }

        return outcomes;
    }

    private DateTimeOffset Until(DateTimeOffset now, DateTimeOffset deadline)
    {
        lock (_window.Gate)
        {
            return _window.Partitions.Select(p => p.NextDue(now)).Append(deadline).Min() ?? deadline;
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan time, CancellationToken cancellationToken)
    {
        // Timers know milliseconds: less would be no wait at all, over and over. That a lease, a delay or the wait is over is no failure: look again.
        var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
        Task over = Task.WhenAny(changed, _pump).WaitAsync(rounded, _time, cancellationToken);
        await over.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask ThrowIfEndedAsync()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_commits.Ended is { } ended)
        {
            throw new BrokerException((ended as BrokerException)?.Code ?? BrokerErrorCode.StoreFailed,
                "A commit failed and it is not known whether it took effect; open the consumer anew.", ended);
        }

        if (_pump.IsCompleted)
        {
            await _pump.ConfigureAwait(false);
        }
    }
}
