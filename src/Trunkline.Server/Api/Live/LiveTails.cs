using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors.Live;

namespace Trunkline.Server.Api.Live;

/// <summary>The tails clients follow, one for each outbox while somebody does; and how many clients each has. Thread-safe.</summary>
internal sealed class LiveTails(IBroker broker, PieceBoard pieces) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, (LiveTail Tail, int Clients)> _tails = new(StringComparer.Ordinal);

    /// <summary>Joins those who follow an outbox; null if there are as many already.</summary>
    /// <param name="sink">The sink.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Seat?> EnterAsync(FoundSink sink, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var (tail, clients) = _tails.GetValueOrDefault(sink.Topic);
            if (clients >= sink.Sink.ClientsMax)
            {
                return null;
            }

            if (tail is null)
            {
                tail = await LiveTail.OpenAsync(broker, sink.Topic, cancellationToken);
                pieces.Listen(sink.Flow, sink.Sink.Name, tail.HandOut);
            }

            _tails[sink.Topic] = (tail, clients + 1);
            return new Seat(this, sink, tail);
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

    private async ValueTask LeaveAsync(FoundSink sink, LiveTail left)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            var (tail, clients) = _tails.GetValueOrDefault(sink.Topic);
            if (tail == left && clients > 1 && !left.HasFailed)
            {
                _tails[sink.Topic] = (tail, clients - 1);
                return;
            }

            // The last one, or a tail that failed: whoever comes next opens another.
            if (tail == left)
            {
                _tails.Remove(sink.Topic);
            }
        }
        finally
        {
            _gate.Release();
        }

        pieces.Leave(sink.Flow, sink.Sink.Name, left.HandOut);
        await left.DisposeAsync();
    }

    /// <summary>A client's place among those who follow.</summary>
    internal sealed class Seat(LiveTails owner, FoundSink sink, LiveTail tail) : IAsyncDisposable
    {
        public LiveTail Tail => tail;

        public ValueTask DisposeAsync() => owner.LeaveAsync(sink, tail);
    }
}
