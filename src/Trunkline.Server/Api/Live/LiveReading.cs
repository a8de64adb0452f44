using System.Runtime.CompilerServices;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Events;

namespace Trunkline.Server.Api.Live;

/// <summary>What one client follows.</summary>
/// <param name="Topic">The outbox.</param>
/// <param name="Key">The key whose messages it gets; null for all.</param>
/// <param name="Place">Where it begins; moves on with what it got.</param>
internal sealed record LiveRequest(string Topic, MessageKey? Key, TopicCursor Place);

/// <summary>
/// One client's way through an outbox: from the log up to where the tail stands, then from the tail; from the log again whenever the client was too slow for
/// it. Nothing is read ahead of the client but what waits in its subscription.
/// </summary>
internal sealed class LiveReading(IBroker broker, LiveTail tail, LiveRequest request, TimeProvider time)
{
    private const int BatchMessages = 256;
    private const int BatchBytes = 1024 * 1024;

    private readonly TopicCursor _place = request.Place;

    /// <summary>Items as they come, each with the cursor behind it; a heartbeat when nothing did. Never ends by itself.</summary>
    /// <exception cref="BrokerException">The outbox cannot be read.</exception>
    public async IAsyncEnumerable<LivePlace> ReadAsync(TimeSpan heartbeat, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await SkipRemovedAsync(cancellationToken))
            {
                yield return Here(new LiveItem.Gap());
            }

            using var subscription = tail.Subscribe(request.Key);
            for (var i = 0; i < _place.Next.Length; i++)
            {
                await foreach (var item in ReadLogAsync(i, subscription.From[_place.PartitionAt(i)], cancellationToken))
                {
                    yield return item;
                }
            }

            while (await WaitAsync(subscription, heartbeat, cancellationToken) is { } hasMore)
            {
                if (!hasMore)
                {
                    MoveOn(subscription);
                    yield return Here(new LiveItem.Heartbeat());
                }

                while (subscription.Items.TryRead(out var item))
                {
                    if (item is not LiveItem.Whole whole || Pass(whole))
                    {
                        yield return Here(item);
                    }
                }
            }
        }
    }

    private LivePlace Here(LiveItem item) => new(item, _place.Format(request.Topic));

    private async IAsyncEnumerable<LivePlace> ReadLogAsync(int index, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (_place.Next[index] < end)
        {
            var batch = await broker.ReadAsync(new ReadRequest(request.Topic, _place.PartitionAt(index), _place.Next[index], BatchMessages, BatchBytes), cancellationToken);
            foreach (var stored in batch.Where(stored => stored.Position.Offset < end))
            {
                var whole = new LiveItem.Whole(stored);
                _place.Next[index] = stored.Position.Offset + 1;
                if ((request.Key is null || stored.Message.Key == request.Key) && whole.IsShown)
                {
                    yield return Here(whole);
                }
            }

            if (batch.Count == 0 || batch[^1].Position.Offset >= end)
            {
                _place.Next[index] = end;
            }
        }
    }

    /// <summary>True if there is something, false if there was nothing for so long; null once the client was too slow and has got what waited.</summary>
    private async ValueTask<bool?> WaitAsync(LiveSubscription subscription, TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var more = subscription.Items.WaitToReadAsync(ended.Token).AsTask();
        if (!more.IsCompleted && await Task.WhenAny(more, Task.Delay(heartbeat, time, ended.Token)) != more)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ended.CancelAsync();
            return false;
        }

        var hasMore = await more;
        await ended.CancelAsync();
        return hasMore ? true : null;
    }

    /// <summary>Moves past a message that came from the tail; true if the client is shown it.</summary>
    private bool Pass(LiveItem.Whole whole)
    {
        var index = whole.Stored.Position.Partition - _place.PartitionAt(0);
        if (index < 0 || index >= _place.Next.Length || whole.Stored.Position.Offset < _place.Next[index])
        {
            return false;
        }

        _place.Next[index] = whole.Stored.Position.Offset + 1;
        return whole.IsShown;
    }

    /// <summary>Moves past what was for others, so that a client that comes back does not read it all.</summary>
    private void MoveOn(LiveSubscription subscription)
    {
        if (tail.PlaceOf(subscription) is not { } next)
        {
            return;
        }

        for (var i = 0; i < _place.Next.Length; i++)
        {
            _place.Next[i] = Math.Max(_place.Next[i], next[_place.PartitionAt(i)]);
        }
    }

    /// <summary>Moves past what retention removed; true if there was any.</summary>
    private async ValueTask<bool> SkipRemovedAsync(CancellationToken cancellationToken)
    {
        var partitions = (await broker.DescribeTopicAsync(request.Topic, cancellationToken)).Partitions;
        var removed = false;
        for (var i = 0; i < _place.Next.Length; i++)
        {
            var low = partitions[_place.PartitionAt(i)].LowOffset;
            removed |= _place.Next[i] < low;
            _place.Next[i] = Math.Max(_place.Next[i], low);
        }

        return removed;
    }
}
