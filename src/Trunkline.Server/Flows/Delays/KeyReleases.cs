using System.Collections.Concurrent;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;

namespace Trunkline.Server.Flows.Delays;

/// <summary>
/// Releases what one flow has parked: by itself when it is due, or when an operator asks. One release of an entry at a time: two
/// would run its messages twice. Thread-safe.
/// </summary>
internal sealed class KeyReleases(KeyReleaseContext context)
{
    /// <summary>Entries released at once by themselves; the others wait their turn.</summary>
    public const int AtOnceMax = 64;

    private static readonly TimeSpan FailedWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ParkedKey, Task> _running = new();
    private volatile Exception? _failure;
    private volatile bool _held;
    private long? _trimmedAt;

    /// <summary>Nothing is released by itself any more, or again. What is at work goes on.</summary>
    public void Hold(bool held)
    {
        _held = held;
        context.Delayed.Set();
    }

    /// <summary>Releases what is due, until cancelled; throws what no further try can mend.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var delayed = context.Delayed.Next;
            if (_failure is { } failure)
            {
                throw failure;
            }

            var wait = _held ? Timeout.InfiniteTimeSpan : BeginDue(cancellationToken);
            if (await TrimAsync(cancellationToken) is { } trim && (wait == Timeout.InfiniteTimeSpan || trim < wait))
            {
                wait = trim;
            }

            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(delayed, Task.Delay(wait, context.Time, timer.Token));
            await timer.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Releases a key, for an operator.</summary>
    public async Task<KeyReleaseResult> ReleaseAsync(KeyReleaseOrder order, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = context.Changed();
            if (Find(order.Key) is not var (work, parked))
            {
                return KeyReleaseResult.NotParked;
            }

            if (parked.TryBeginRelease())
            {
                return await RunAsync(work, parked, order, cancellationToken);
            }

            // Somebody else releases it: each step of that is a commit.
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>True if a key awaits an operator because of just this message.</summary>
    public bool IsFailedAt(MessageKey key, long offset) => Find(key) is var (_, parked) && parked.Due is null && parked.FailedOffset == offset;

    /// <summary>What is parked in our partitions, at most so many.</summary>
    public IReadOnlyList<ParkedKeySnapshot> Snapshot(int max) =>
    [
        .. context.Ledger.Ours().SelectMany(work => work.Parked.All.Select(parked => new ParkedKeySnapshot
        {
            Key = parked.Key,
            Partition = work.Partition,
            Waiting = parked.Count - parked.Released,
            Due = parked.Due,
            Attempts = parked.Attempts,
            FailedOffset = parked.FailedOffset >= 0 ? parked.FailedOffset : null,
        })).OrderBy(p => p.Partition).Take(max),
    ];

    /// <summary>How many keys await an operator, and how many keys and messages a later try.</summary>
    public (int Parked, int Delayed) Count()
    {
        var (parked, delayed) = (0, 0);
        foreach (var work in context.Ledger.Ours().Where(w => w.Parked.Count > 0))
        {
            var due = work.Parked.All.Count(p => p.Due is not null);
            delayed += due;
            parked += work.Parked.Count - due;
        }

        return (parked, Math.Max(0, delayed));
    }

    /// <summary>Completes when no release is at work; call after all was cancelled.</summary>
    public Task EndAsync() => Task.WhenAll(_running.Values);

    private (PartitionWork Work, ParkedKey Parked)? Find(MessageKey key)
    {
        foreach (var work in context.Ledger.Ours())
        {
            if (work.IsOwned && work.Parked.Find(key) is { } parked)
            {
                return (work, parked);
            }
        }

        return null;
    }

    /// <summary>Begins what is due, and gives the time until the next is.</summary>
    private TimeSpan BeginDue(CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        DateTimeOffset? next = null;
        foreach (var work in context.Ledger.Ours().Where(w => w.IsOwned && w.Parked.Count > 0))
        {
            foreach (var parked in work.Parked.All)
            {
                if (parked.Due is not { } due || parked.IsReleasing)
                {
                    continue;
                }

                if (due > now)
                {
                    next = next < due ? next : due;
                }
                else if (_running.Count < AtOnceMax && parked.TryBeginRelease())
                {
                    _ = RunAsync(work, parked, null, cancellationToken);
                }
            }
        }

        return next is { } at ? Max(at - now, TimeSpan.FromMilliseconds(1)) : Timeout.InfiniteTimeSpan;
    }

    /// <summary>Lets go what waits no more, now and then; the time until the next look, null if there is nothing to look at.</summary>
    private async Task<TimeSpan?> TrimAsync(CancellationToken cancellationToken)
    {
        PartitionWork[] used = [.. context.Ledger.Ours().Where(w => w.IsOwned && w.Parked.IsUsed)];
        if (used.Length == 0 || !context.Broker.Capabilities.HasFlag(BrokerCapabilities.Retention))
        {
            return null;
        }

        if (_trimmedAt is { } last && context.Time.GetElapsedTime(last) < TrimEvery)
        {
            return TrimEvery - context.Time.GetElapsedTime(last);
        }

        _trimmedAt = context.Time.GetTimestamp();
        try
        {
            await TrimAsync(used, cancellationToken);
        }
        catch (BrokerException passing) when (passing.Code is BrokerErrorCode.Overloaded or BrokerErrorCode.Unreachable or BrokerErrorCode.DiskFull
            or BrokerErrorCode.GroupNotFound)
        {
            // Without the group whose position guards what waits there is no retention either.
            Log.TrimFailed(context.Log, context.Flow, passing.Code, passing);
        }

        return TrimEvery;
    }

    private async Task TrimAsync(PartitionWork[] used, CancellationToken cancellationToken)
    {
        foreach (var work in used)
        {
            // The end first: what is parked after it stands above it.
            if (await PartitionFailures.EndAsync(context.Broker, context.ParkedTopic(), work.Partition, cancellationToken) is not { } end)
            {
                continue;
            }

            var lowest = work.Parked.LowestFrom(end);
            work.Parked.End = end;
            if (lowest > work.Parked.Trimmed)
            {
                await context.Broker.SeekAsync(
                    context.ParkedTopic(), FlowNames.ParkedGroup, new SeekTarget.Offset(work.Partition, lowest), cancellationToken);
                work.Parked.Trimmed = lowest;
            }
        }
    }

    private async Task<KeyReleaseResult> RunAsync(PartitionWork work, ParkedKey parked, KeyReleaseOrder? order, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource();
        _running[parked] = ended.Task;
        try
        {
            var release = new KeyRelease(context.Broker, work, parked, context.GroupOf(parked), context.ParkedTopic());
            return await release.RunAsync(order, context.Changed, cancellationToken);
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            return KeyReleaseResult.Interrupted;
        }
        catch (BrokerException passing) when (passing.Code is BrokerErrorCode.Overloaded or BrokerErrorCode.Unreachable)
        {
            Log.ReleaseFailed(context.Log, context.Flow, work.Partition, passing.Code, FailedWait, passing);
            await Task.Delay(FailedWait, context.Time, CancellationToken.None);
            return KeyReleaseResult.Interrupted;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Nobody may wait for this one: the loop tells it.
            _failure = failure;
            return KeyReleaseResult.Interrupted;
        }
        finally
        {
            parked.EndRelease();
            _running.TryRemove(parked, out _);
            ended.SetResult();
            context.Delayed.Set();
        }
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

/// <summary>What the releases of a flow need.</summary>
internal sealed record KeyReleaseContext
{
    public required string Flow { get; init; }

    public required IBroker Broker { get; init; }

    public required FlowLedger Ledger { get; init; }

    public required Func<ParkedKey, LaneGroup> GroupOf { get; init; }

    /// <summary>The parked topic of the revision in force.</summary>
    public required Func<string> ParkedTopic { get; init; }

    /// <summary>The next commit of the flow.</summary>
    public required Func<Task> Changed { get; init; }

    /// <summary>Set when something was delayed, or found delayed.</summary>
    public required ChangeSignal Delayed { get; init; }

    public required TimeProvider Time { get; init; }

    public required Microsoft.Extensions.Logging.ILogger Log { get; init; }

    /// <summary>The flow stops.</summary>
    public required CancellationToken Stop { get; init; }
}
