using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Api.Live;

/// <summary>
/// Reads the end of one outbox once for all clients that follow it, and gives each the messages of its key. A client that does not keep up is dropped from here and reads
/// on from the log. Thread-safe.
/// </summary>
internal sealed class LiveTail : IAsyncDisposable
{
    private const int BatchMessages = 256;
    private const int BatchBytes = 1024 * 1024;

    private readonly IBroker _broker;
    private readonly string _topic;
    private readonly long[] _next;
    private readonly Lock _lock = new();
    private readonly Dictionary<MessageKey, List<LiveSubscription>> _byKey = [];
    private readonly List<LiveSubscription> _ofAll = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private Exception? _failed;

    private LiveTail(IBroker broker, string topic, long[] next)
    {
        (_broker, _topic, _next) = (broker, topic, next);
        _reading = Task.WhenAll(Enumerable.Range(0, next.Length).Select(FollowAsync));
    }

    /// <summary>Of each partition the next offset it reads.</summary>
    public long[] Place
    {
        get
        {
            lock (_lock)
            {
                return [.. _next];
            }
        }
    }

    /// <summary>True once it reads no more.</summary>
    public bool HasFailed
    {
        get
        {
            lock (_lock)
            {
                return _failed is not null;
            }
        }
    }

    /// <summary>Begins at the end of a topic.</summary>
    public static async ValueTask<LiveTail> OpenAsync(IBroker broker, string topic, CancellationToken cancellationToken)
    {
        var description = await broker.DescribeTopicAsync(topic, cancellationToken);
        return new LiveTail(broker, topic, [.. description.Partitions.Select(partition => partition.HighOffset)]);
    }

    /// <summary>Gives messages from now on.</summary>
    /// <param name="key">Those of this key only; null for all.</param>
    public LiveSubscription Subscribe(MessageKey? key)
    {
        lock (_lock)
        {
            var subscription = new LiveSubscription([.. _next], leaving => Remove(key, leaving));
            if (_failed is { } failed)
            {
                subscription.Fail(failed);
            }

            ListOf(key).Add(subscription);
            return subscription;
        }
    }

    /// <summary>Hands a piece of an answer to those of its key.</summary>
    public void HandOut(PartialText piece)
    {
        var item = new LiveItem.Piece(piece);
        lock (_lock)
        {
            _ofAll.ForEach(subscription => subscription.Offer(item));
            if (piece.Key is { } key && _byKey.TryGetValue(key, out var list))
            {
                list.ForEach(subscription => subscription.Offer(item));
            }
        }
    }

    /// <summary>Where everything up to is handed out already, if nothing waits for the client; null if something does.</summary>
    public long[]? PlaceOf(LiveSubscription subscription)
    {
        lock (_lock)
        {
            return subscription.IsEmpty ? [.. _next] : null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private List<LiveSubscription> ListOf(MessageKey? key)
    {
        if (key is not { } one)
        {
            return _ofAll;
        }

        if (!_byKey.TryGetValue(one, out var list))
        {
            _byKey[one] = list = [];
        }

        return list;
    }

    private void Remove(MessageKey? key, LiveSubscription leaving)
    {
        lock (_lock)
        {
            ListOf(key).Remove(leaving);
            if (key is { } one && _byKey[one].Count == 0)
            {
                _byKey.Remove(one);
            }
        }
    }

    private async Task FollowAsync(int partition)
    {
        try
        {
            while (true)
            {
                var batch = await _broker.ReadAsync(new ReadRequest(_topic, partition, _next[partition], BatchMessages, BatchBytes), _stop.Token);
                if (batch.Count > 0)
                {
                    HandOut(partition, batch);
                }
                else
                {
                    await _broker.WaitAsync(_topic, partition, _next[partition], _stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // As asked.
        }
        catch (Exception failed)
        {
            // Whoever follows is told, and opens another tail when it comes back.
            Fail(failed);
        }
    }

    private void HandOut(int partition, IReadOnlyList<StoredMessage> batch)
    {
        lock (_lock)
        {
            foreach (var stored in batch)
            {
                _next[partition] = stored.Position.Offset + 1;
                var item = new LiveItem.Whole(stored);
                _ofAll.ForEach(subscription => subscription.Offer(item));
                if (stored.Message.Key is { } key && _byKey.TryGetValue(key, out var list))
                {
                    list.ForEach(subscription => subscription.Offer(item));
                }
            }
        }
    }

    private void Fail(Exception failed)
    {
        lock (_lock)
        {
            _failed = failed;
            foreach (var subscription in _byKey.Values.SelectMany(list => list).Concat(_ofAll))
            {
                subscription.Fail(failed);
            }
        }
    }
}
