using System.Diagnostics.CodeAnalysis;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Messaging.Consuming;

/// <summary>
/// Commits what a consumer takes and settles, one commit at a time. While a commit is under way its messages are
/// <see cref="LeaseState.Settling"/>; if it is refused they are as before. If it is not known whether it took effect, the consumer
/// ends, since what it believes of the group's progress may be wrong. Callers cannot cancel a commit under way, for the same reason.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Without its wait handle a SemaphoreSlim holds nothing to dispose.")]
internal sealed class LeasedCommits(IBroker broker, LeasedConsumerOptions options, LeasedWindow window)
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly LeasedDeadLetters _deadLetters = new(broker, options);
    private readonly bool _keepsCounts = broker.Capabilities.HasFlag(BrokerCapabilities.State);

    /// <summary>The failure that ended the consumer, or null.</summary>
    public Exception? Ended { get; private set; }

    /// <summary>Completes leased messages; with a reason, into the dead letters.</summary>
    public async ValueTask<IReadOnlyList<LeaseOutcome>> SettleAsync(
        IReadOnlyList<Receipt> receipts, Func<Receipt, (LeasedPartition, LeasedItem)?> find, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        var outcomes = Enumerable.Repeat(LeaseOutcome.Stale, receipts.Count).ToArray();
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var found = new List<(int Index, LeasedPartition Partition, LeasedItem Item)>();
            lock (window.Gate)
            {
                for (var i = 0; i < receipts.Count; i++)
                {
                    if (find(receipts[i]) is var (partition, item))
                    {
                        item.State = LeaseState.Settling;
                        found.Add((i, partition, item));
                    }
                }
            }

            var parts = found.GroupBy(f => f.Partition).Select(g => Part.Settling(g.Key, [.. g.Select(f => f.Item)], reason)).ToList();
            var done = await CommitAsync(parts, LeaseState.Leased, cancellationToken).ConfigureAwait(false);
            foreach (var (index, partition, _) in found)
            {
                outcomes[index] = done.Contains(partition) ? LeaseOutcome.Done : LeaseOutcome.Stale;
            }

            return outcomes;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Counts a delivery of what is chosen, durably where the broker keeps state, and returns what may be handed out.</summary>
    public async ValueTask<IReadOnlyList<LeasedItem>> TakeAsync(
        Func<List<(LeasedPartition Partition, LeasedItem Item)>> choose, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<(LeasedPartition Partition, LeasedItem Item)> chosen;
            lock (window.Gate)
            {
                chosen = choose();
                chosen.ForEach(c => c.Item.State = LeaseState.Settling);
            }

            var parts = chosen.GroupBy(c => c.Partition).Select(g => Part.Taking(g.Key, [.. g.Select(c => c.Item)])).ToList();
            var done = await CommitAsync(parts, LeaseState.Waiting, cancellationToken).ConfigureAwait(false);
            return [.. chosen.Where(c => done.Contains(c.Partition)).Select(c => c.Item)];
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Moves free messages that were handed out too often to the dead letters.</summary>
    public async ValueTask DeadLetterExhaustedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<Part> parts;
            lock (window.Gate)
            {
                parts = [.. window.Partitions.Select(p => Part.Exhausting(p, [.. p.Exhausted(now, options.DeliveriesMax)])).Where(p => p.Completed.Count > 0)];
                parts.ForEach(p => p.Completed.ForEach(i => i.State = LeaseState.Settling));
            }

            await CommitAsync(parts, LeaseState.Waiting, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Commits all parts as one unit; if a partition was lost, each by itself, so that one lost partition spoils no other.
    /// What could not be committed goes back to the given state.
    /// </summary>
    /// <returns>The partitions whose part is committed.</returns>
    private async ValueTask<HashSet<LeasedPartition>> CommitAsync(List<Part> parts, LeaseState back, CancellationToken cancellationToken)
    {
        var done = new HashSet<LeasedPartition>();
        if (parts.Count == 0)
        {
            return done;
        }

        try
        {
            if (parts.Any(p => p.Cause is not null))
            {
                await _deadLetters.EnsureTopicAsync(cancellationToken).ConfigureAwait(false);
            }

            if (!await TryCommitAsync(parts, done).ConfigureAwait(false) && parts.Count > 1)
            {
                foreach (var part in parts)
                {
                    await TryCommitAsync([part], done).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            lock (window.Gate)
            {
                foreach (var item in parts.Where(p => !done.Contains(p.Partition)).SelectMany(p => p.Completed.Concat(p.Taken)))
                {
                    item.State = back;
                }

                window.Notify();
            }
        }

        return done;
    }

    /// <summary>False if a partition of the unit belongs to another member by now; then nothing was committed.</summary>
    private async ValueTask<bool> TryCommitAsync(IReadOnlyList<Part> parts, HashSet<LeasedPartition> done)
    {
        CommitUnit unit;
        lock (window.Gate)
        {
            unit = Unit(parts);
        }

        try
        {
            // Without state there is nothing to keep of a delivery.
            if (unit.State.Count > 0 || parts.Any(p => p.Completed.Count > 0))
            {
                await broker.CommitAsync(unit, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (BrokerException lost) when (lost.Code == BrokerErrorCode.Fenced)
        {
            if (parts.Count == 1)
            {
                lock (window.Gate)
                {
                    window.Drop(parts[0].Partition);
                }
            }

            return false;
        }
        catch (Exception unknown) when (unknown is not BrokerException { Code: not (BrokerErrorCode.StoreFailed or BrokerErrorCode.Unreachable or BrokerErrorCode.Closed) })
        {
            Ended = unknown;
            throw;
        }

        lock (window.Gate)
        {
            foreach (var part in parts)
            {
                done.Add(part.Partition);
                part.Completed.ForEach(part.Partition.Complete);
                part.Taken.ForEach(i => i.Deliveries++);
            }
        }

        return true;
    }

    private CommitUnit Unit(IReadOnlyList<Part> parts)
    {
        var dead = parts.Where(p => p.Cause is not null)
            .SelectMany(p => p.Completed.Select(i => (i, p.Cause!, p.Detail))).ToList();
        return new CommitUnit
        {
            Fence = window.Fence,
            Appends = dead.Count > 0 ? [_deadLetters.Append(dead)] : [],
            Positions = [.. parts.Select(p => new PositionUpdate(options.Topic, p.Partition.Number, Keepable(p.Partition.ProgressWith(p.Completed))))],
            State = !_keepsCounts ? [] : [.. parts.Select(p => new StateWrite(
                DeliveryCounts.Store(options.Topic, options.Group),
                p.Partition.Number,
                DeliveryCounts.Key,
                DeliveryCounts.Encode(p.Partition.Deliveries(p.Completed, p.Taken))))],
        };
    }

    private Progress Keepable(Progress progress) =>
        broker.Capabilities.HasFlag(BrokerCapabilities.CompletedAbove) ? progress : Progress.At(progress.Next);

    /// <summary>What a commit does in one partition.</summary>
    private sealed record Part(LeasedPartition Partition, List<LeasedItem> Completed, List<LeasedItem> Taken, string? Cause, string Detail)
    {
        public static Part Taking(LeasedPartition partition, List<LeasedItem> items) => new(partition, [], items, null, "");

        public static Part Settling(LeasedPartition partition, List<LeasedItem> items, string? reason) =>
            new(partition, items, [], reason is null ? null : LeasedDeadLetters.Rejected, reason ?? "");

        public static Part Exhausting(LeasedPartition partition, List<LeasedItem> items) =>
            new(partition, items, [], LeasedDeadLetters.Exhausted, $"Delivered {items.FirstOrDefault()?.Deliveries ?? 0} times and never acknowledged.");
    }
}
