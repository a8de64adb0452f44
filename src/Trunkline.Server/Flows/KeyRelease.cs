using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows.Poison;
using Trunkline.Server.Flows.Redrives;

namespace Trunkline.Server.Flows;

/// <summary>What came of releasing a parked key.</summary>
public enum KeyReleaseResult
{
    /// <summary>There is no such parked key here.</summary>
    NotParked,

    /// <summary>All that waited is through, in order, and the key is open again.</summary>
    Released,

    /// <summary>A message failed again: it and what waits behind it stay parked.</summary>
    FailedAgain,

    /// <summary>A message failed again and is tried again later by itself: it and what waits behind it wait till then.</summary>
    Delayed,

    /// <summary>The partition was given away, or the flow stopped: what is done is done, the rest stays parked.</summary>
    Interrupted,
}

/// <summary>Asks to release a parked key.</summary>
/// <param name="Key">The key.</param>
internal sealed record KeyReleaseOrder(MessageKey Key)
{
    /// <summary>The message that failed is left out.</summary>
    public bool SkipFailed { get; init; }

    /// <summary>The dead letter of the message that failed: marked in the unit of what becomes of it. Null if there is none.</summary>
    public RedriveOrder? Letter { get; init; }

    /// <summary>Told in the end: the message that failed went through, durably.</summary>
    public bool IsLetterThrough { get; set; }
}

/// <summary>
/// Releases what is parked: its messages run through the flow one after the other, the failed one first, while new ones of the key
/// go on queueing behind; when none is left the key opens. Each step is committed with what it gave, so it may be cut short anywhere.
/// </summary>
internal sealed class KeyRelease(IBroker broker, PartitionWork work, ParkedKey parked, LaneGroup group, string parkedTopic)
{
    private const int ReadMessagesMin = 16;
    private const int ReadMessagesMax = 500;

    private long _offset = parked.From;

    /// <param name="order">What is asked; null if it is released by itself.</param>
    /// <param name="changed">The next commit of the flow.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<KeyReleaseResult> RunAsync(KeyReleaseOrder? order, Func<Task> changed, CancellationToken cancellationToken)
    {
        // Only the message that failed is meant; what comes behind it was never asked for by name.
        var first = order is not null && parked.Due is null ? order : null;
        await BeginAsync(changed, cancellationToken);
        while (work.IsOwned)
        {
            if (parked.Released == parked.Count)
            {
                var open = new LaneOpen(work, parked);
                group.Post(open);
                if (await open.Done.WaitAsync(cancellationToken))
                {
                    return await CommittedAsync(changed, cancellationToken);
                }

                continue;
            }

            var next = changed();
            foreach (var message in await ReadAsync(cancellationToken))
            {
                // A death during the release is blamed on the first in line: after two, nothing else may be at work.
                await CarefullyAsync(changed, cancellationToken);
                var release = new LaneRelease(work, message, parked)
                {
                    Skip = first is { SkipFailed: true } || ParkedKey.IsErased(message.Message),
                    Letter = first?.Letter,
                    IsPoison = parked.Begun > PartitionLife.DeathsMax,
                };
                first = null;
                group.Post(release);
                var isThrough = await release.Done.WaitAsync(cancellationToken);
                if (release.Letter is not null)
                {
                    order!.IsLetterThrough = isThrough && await StoredAsync(
                        stored => stored is null || stored.Released > release.Number || stored.Begun == 0, changed, cancellationToken);
                }

                if (!isThrough)
                {
                    return !work.IsOwned ? KeyReleaseResult.Interrupted : parked.Due is null ? KeyReleaseResult.FailedAgain : KeyReleaseResult.Delayed;
                }
            }

            if (parked.Released < parked.Count)
            {
                // What is left was parked just now and is not committed yet.
                await next.WaitAsync(cancellationToken);
            }
        }

        return KeyReleaseResult.Interrupted;
    }

    /// <summary>Notes durably that a release begins, before anything of it runs.</summary>
    private async Task BeginAsync(Func<Task> changed, CancellationToken cancellationToken)
    {
        var begun = parked.Begun + 1;
        group.Post(new LaneBegin(work, parked));
        await StoredAsync(stored => stored?.Begun >= begun, changed, cancellationToken);
    }

    private async Task CarefullyAsync(Func<Task> changed, CancellationToken cancellationToken)
    {
        if (parked.Begun >= PartitionLife.DeathsMax)
        {
            var released = parked.Released;
            await StoredAsync(stored => stored?.Released >= released, changed, cancellationToken);
        }
    }

    private async Task<KeyReleaseResult> CommittedAsync(Func<Task> changed, CancellationToken cancellationToken)
    {
        if (!await StoredAsync(stored => stored is null, changed, cancellationToken))
        {
            return KeyReleaseResult.Interrupted;
        }

        work.Parked.Forget(parked);
        return KeyReleaseResult.Released;
    }

    /// <summary>Waits until the stored entry is as wanted; false if the partition went meanwhile.</summary>
    private async Task<bool> StoredAsync(Func<ParkedKey?, bool> isWanted, Func<Task> changed, CancellationToken cancellationToken)
    {
        while (work.IsOwned)
        {
            var next = changed();
            var stored = await broker.ReadStateAsync(work.Parked.Store, work.Partition, ParkedKeys.StateKey(parked), cancellationToken);
            if (isWanted(stored is { } value ? ParkedKey.Read(parked.Key, value.Span) : null))
            {
                return true;
            }

            await next.WaitAsync(cancellationToken);
        }

        return false;
    }

    /// <summary>The next parked messages in order; empty if those left are not committed yet.</summary>
    private async Task<List<StoredMessage>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = new List<StoredMessage>();
        var number = parked.Released;
        var most = Math.Clamp((parked.Count - number) * 4, ReadMessagesMin, ReadMessagesMax);
        while (found.Count == 0)
        {
            var read = await broker.ReadAsync(new ReadRequest(parkedTopic, work.Partition, _offset, most), cancellationToken);
            if (read.Count == 0)
            {
                break;
            }

            _offset = read[^1].Position.Offset + 1;
            foreach (var message in read)
            {
                if (parked.NumberOf(message.Message) == number)
                {
                    found.Add(message);
                    number++;
                }
            }
        }

        return found;
    }
}
