using Microsoft.Extensions.Logging;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Server.Connectors;

/// <summary>What a <see cref="ConnectorSource"/> is made of.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Origin">What steps and dead letters name as the origin.</param>
/// <param name="Store">The state store of its positions.</param>
/// <param name="Broker">Where that is kept.</param>
/// <param name="Time">The clock.</param>
internal sealed record ConnectorSourceOptions(string Flow, string Origin, string Store, IBroker Broker, TimeProvider Time)
{
    public required ILogger Log { get; init; }
}

/// <summary>
/// An <see cref="ISourceConnector"/> as source of a flow: one partition, offsets that count within one opening. What the connector throws
/// is told and waited out; it reads on behind what it gave last.
/// </summary>
internal sealed class ConnectorSource(ISourceConnector connector, ConnectorSourceOptions options) : IFlowSource
{
    // Bytes of one delivery: a bound on what is read ahead of the flow's own bounds.
    private const int DeliveryBytesMax = 4 * 1024 * 1024;

    private static readonly TimeSpan WaitMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(10);

    private readonly SourcePositions _positions = new(options.Broker, options.Store);
    private readonly CancellationTokenSource _stop = new();
    private readonly ChangeSignal _resumed = new();
    private IAsyncEnumerator<SourceMessage>? _reading;
    private Task<bool>? _pending;
    private TimeSpan _wait = WaitMin;
    private volatile bool _paused;
    private volatile string? _trouble;
    private bool _assigned;

    public string Topic => options.Origin;

    public FencingToken? Fence => null;

    public DedupeMode Dedupe => DedupeMode.None;

    public string? Trouble => _trouble;

    public async ValueTask<SubscriptionEvent> ReceiveAsync(int maxMessages, CancellationToken cancellationToken)
    {
        if (!_assigned)
        {
            await _positions.LoadAsync(cancellationToken);
            _assigned = true;
            return new SubscriptionEvent.Assigned([new PartitionAssignment(0, Progress.At(0))]);
        }

        while (true)
        {
            var resumed = _resumed.Next;
            if (_paused)
            {
                await resumed.WaitAsync(cancellationToken);
                continue;
            }

            try
            {
                if (await ReadAsync(maxMessages, cancellationToken) is { Count: > 0 } messages)
                {
                    return new SubscriptionEvent.Delivered(0, messages);
                }
            }
            catch (Exception failed) when (!cancellationToken.IsCancellationRequested)
            {
                // The boundary to the connector: whatever it throws may be over by the next try.
                await WaitOutAsync(failed, cancellationToken);
            }
        }
    }

    public void Pause(int partition) => _paused = true;

    public void Resume(int partition)
    {
        _paused = false;
        _resumed.Set();
    }

    public void Record(int partition, IReadOnlyList<CompletedMessage> completed, Progress progress, UnitDraft unit) =>
        _positions.Record(completed, progress, unit);

    public void Committed(int partition, IReadOnlyList<CompletedMessage> completed)
    {
        foreach (var tell in _positions.Committed(completed))
        {
            try
            {
                tell();
            }
            catch (Exception failed)
            {
                // The boundary to the connector: the unit is durable, whatever it makes of the news.
                Log.ConnectorNotTold(options.Log, options.Flow, failed);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await EndReadingAsync();
        _stop.Dispose();
    }

    private async ValueTask<List<StoredMessage>> ReadAsync(int maxMessages, CancellationToken cancellationToken)
    {
        _reading ??= connector.ReadAsync(_positions.Start(options.Flow, options.Time), _stop.Token).GetAsyncEnumerator(_stop.Token);
        _pending ??= _reading.MoveNextAsync().AsTask();
        var more = await _pending.WaitAsync(cancellationToken);
        var messages = new List<StoredMessage>();
        for (var bytes = 0; more;)
        {
            var read = _reading.Current;
            if (_positions.Take(read, options.Time.GetUtcNow()) is { } message)
            {
                messages.Add(message);
                bytes += message.Message.Payload.Length;
            }

            _pending = _reading.MoveNextAsync().AsTask();
            more = messages.Count < maxMessages && bytes < DeliveryBytesMax && _pending is { IsCompletedSuccessfully: true, Result: true };
        }

        (_trouble, _wait) = (null, WaitMin);
        if (messages.Count == 0 && _pending is { IsCompletedSuccessfully: true, Result: false })
        {
            // The connector said that nothing can come any more.
            await Task.Delay(Timeout.InfiniteTimeSpan, options.Time, cancellationToken);
        }

        return messages;
    }

    private async Task WaitOutAsync(Exception failed, CancellationToken cancellationToken)
    {
        _trouble = failed is ConnectorException told ? told.Message : $"the source threw {failed.GetType().Name}";
        Log.ConnectorFailed(options.Log, options.Flow, _trouble, _wait, failed);
        await EndReadingAsync();
        await Task.Delay(_wait, options.Time, cancellationToken);
        _wait = _wait * 2 < WaitMax ? _wait * 2 : WaitMax;
    }

    /// <summary>Ends the reading. One that does not end in time is left behind: the flow must not hang with it.</summary>
    private async Task EndReadingAsync()
    {
        if (_reading is not { } reading)
        {
            return;
        }

        var pending = _pending;
        (_reading, _pending) = (null, null);
        try
        {
            await EndAsync(reading, pending).WaitAsync(EndMax, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Log.ConnectorHangs(options.Log, options.Flow, EndMax);
        }
        catch (Exception failed) when (failed is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            Log.ConnectorNotEnded(options.Log, options.Flow, failed);
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
    }

    private static async Task EndAsync(IAsyncEnumerator<SourceMessage> reading, Task<bool>? pending)
    {
        if (pending is not null)
        {
            // An enumerator may only be disposed when it rests; what it threw is known already, or of no interest any more.
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await reading.DisposeAsync();
    }
}
