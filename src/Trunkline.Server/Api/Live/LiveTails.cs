using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Api.Live;

/// <summary>The tails clients follow, one for each outbox while somebody does; and how many clients each has. Thread-safe.</summary>
internal sealed class LiveTails(IBroker broker) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, (LiveTail Tail, int Clients)> _tails = new(StringComparer.Ordinal);

    /// <summary>Joins those who follow an outbox; null if there are as many already.</summary>
    /// <param name="topic">The outbox.</param>
    /// <param name="clientsMax">The most clients.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Seat?> EnterAsync(string topic, int clientsMax, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var (tail, clients) = _tails.GetValueOrDefault(topic);
            if (clients >= clientsMax)
            {
                return null;
            }

            tail ??= await LiveTail.OpenAsync(broker, topic, cancellationToken);
            _tails[topic] = (tail, clients + 1);
            return new Seat(this, topic, tail);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (tail, _) in _tails.Values)
        {
            await tail.DisposeAsync();
        }

        _tails.Clear();
        _gate.Dispose();
    }

    private async ValueTask LeaveAsync(string topic, LiveTail left)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            var (tail, clients) = _tails.GetValueOrDefault(topic);
            if (tail == left && clients > 1 && !left.HasFailed)
            {
                _tails[topic] = (tail, clients - 1);
                return;
            }

            // The last one, or a tail that failed: whoever comes next opens another.
            if (tail == left)
            {
                _tails.Remove(topic);
            }
        }
        finally
        {
            _gate.Release();
        }

        await left.DisposeAsync();
    }

    /// <summary>A client's place among those who follow.</summary>
    internal sealed class Seat(LiveTails owner, string topic, LiveTail tail) : IAsyncDisposable
    {
        public LiveTail Tail => tail;

        public ValueTask DisposeAsync() => owner.LeaveAsync(topic, tail);
    }
}
