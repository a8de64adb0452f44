using Trunkline.Core.Errors;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api;

/// <summary>
/// The node's leased consumers, one per (topic, group), opened by the first fetch. One that nobody asked for ten minutes is
/// closed when room is needed; its group's positions stay. Thread-safe.
/// </summary>
internal sealed class GroupConsumers(IBroker broker, TimeProvider time) : IAsyncDisposable
{
    private const int ConsumersMax = 1024;
    private static readonly TimeSpan IdleMin = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(string Topic, string Group), Entry> _open = [];
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _disposed;

    /// <summary>The consumer of a group, opened if need be.</summary>
    public async ValueTask<LeasedConsumer> OpenAsync(string topic, string group, SubscribeStart start, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_open.TryGetValue((topic, group), out var entry))
            {
                await MakeRoomAsync();
                var options = new LeasedConsumerOptions { Topic = topic, Group = group, Start = start };
                entry = new Entry(await LeasedConsumer.OpenAsync(broker, options, time, cancellationToken));
                _open.Add((topic, group), entry);
            }

            entry.UsedAt = time.GetTimestamp();
            return entry.Consumer;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The consumer of a group if it is open: without one there are no leases.</summary>
    public async ValueTask<LeasedConsumer?> FindAsync(string topic, string group, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_open.TryGetValue((topic, group), out var entry))
            {
                return null;
            }

            entry.UsedAt = time.GetTimestamp();
            return entry.Consumer;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes a consumer that failed, so that the next fetch opens another.</summary>
    public async ValueTask CloseAsync(string topic, string group, LeasedConsumer consumer)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            if (_open.TryGetValue((topic, group), out var entry) && entry.Consumer == consumer)
            {
                _open.Remove((topic, group));
            }
        }
        finally
        {
            _gate.Release();
        }

        await consumer.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        foreach (var entry in _open.Values)
        {
            await entry.Consumer.DisposeAsync();
        }

        _open.Clear();
        _gate.Dispose();
    }

    private async ValueTask MakeRoomAsync()
    {
        if (_open.Count < ConsumersMax)
        {
            return;
        }

        var (place, oldest) = _open.MinBy(e => e.Value.UsedAt);
        if (time.GetElapsedTime(oldest.UsedAt) < IdleMin)
        {
            throw new ProblemException(ErrorCodes.BrokerOverloaded, $"The node consumes for {ConsumersMax} groups already.") { RetryAfter = TimeSpan.FromSeconds(10) };
        }

        _open.Remove(place);
        await oldest.Consumer.DisposeAsync();
    }

    private sealed class Entry(LeasedConsumer consumer)
    {
        public LeasedConsumer Consumer { get; } = consumer;

        public long UsedAt { get; set; }
    }
}
