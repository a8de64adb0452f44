using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

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

    /// <summary>The partition was given away, or the flow stopped: what is done is done, the rest stays parked.</summary>
    Interrupted,
}

/// <summary>
/// Releases one parked key: its messages run through the flow one after the other, the failed one first, while new ones of the key
/// go on queueing behind; when none is left the key opens. Each step is committed with what it gave, so it may be cut short anywhere.
/// </summary>
internal sealed class KeyRelease(IBroker broker, PartitionWork work, LaneGroup group, string parkedTopic)
{
    private const int ReadMessages = 500;

    private long _offset;

    /// <param name="key">The key.</param>
    /// <param name="parked">Its entry.</param>
    /// <param name="skipFailed">The message that failed is left out; it stays in the dead letters.</param>
    /// <param name="changed">The next commit of the flow.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<KeyReleaseResult> RunAsync(
        MessageKey key, ParkedKey parked, bool skipFailed, Func<Task> changed, CancellationToken cancellationToken)
    {
        var skip = skipFailed && parked.Released == 0;
        while (work.IsOwned)
        {
            if (parked.Released == parked.Count)
            {
                var open = new LaneOpen(work, key);
                group.Post(open);
                if (await open.Done.WaitAsync(cancellationToken))
                {
                    return await CommittedAsync(key, changed, cancellationToken);
                }

                continue;
            }

            var next = changed();
            foreach (var message in await ReadAsync(key, parked, cancellationToken))
            {
                var release = new LaneRelease(work, message, parked, skip);
                skip = false;
                group.Post(release);
                if (!await release.Done.WaitAsync(cancellationToken))
                {
                    return work.IsOwned ? KeyReleaseResult.FailedAgain : KeyReleaseResult.Interrupted;
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

    private async Task<KeyReleaseResult> CommittedAsync(MessageKey key, Func<Task> changed, CancellationToken cancellationToken)
    {
        while (work.IsOwned)
        {
            var next = changed();
            if (await broker.ReadStateAsync(work.Parked.Store, work.Partition, ParkedKeys.StateKey(key), cancellationToken) is null)
            {
                return KeyReleaseResult.Released;
            }

            await next.WaitAsync(cancellationToken);
        }

        return KeyReleaseResult.Interrupted;
    }

    /// <summary>The next of the key's parked messages in order; empty if those left are not committed yet.</summary>
    private async Task<List<StoredMessage>> ReadAsync(MessageKey key, ParkedKey parked, CancellationToken cancellationToken)
    {
        var found = new List<StoredMessage>();
        var number = parked.Released;
        while (found.Count == 0)
        {
            var read = await broker.ReadAsync(new ReadRequest(parkedTopic, work.Partition, _offset, ReadMessages), cancellationToken);
            if (read.Count == 0)
            {
                break;
            }

            _offset = read[^1].Position.Offset + 1;
            foreach (var message in read)
            {
                if (message.Message.Key == key && parked.NumberOf(message.Message) == number)
                {
                    found.Add(message);
                    number++;
                }
            }
        }

        return found;
    }
}
