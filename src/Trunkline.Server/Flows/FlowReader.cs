using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;

namespace Trunkline.Server.Flows;

/// <summary>
/// Reads a flow's source, opened afresh where it must be, keeps the ledger's assignments, and spreads what is delivered over the lane
/// groups: a key always to the same.
/// </summary>
internal sealed class FlowReader(FlowRunnerOptions options, FlowLedger ledger, LaneGroup[] groups) : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _reading = new();
    private volatile IFlowSource? _source;
    private int _round;

    /// <summary>The source now open, or the one that was last.</summary>
    public IFlowSource Source => _source ?? throw new InvalidOperationException("no source was opened yet");

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    /// <summary>Runs until cancelled; throws what no further try can mend.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var wait = TimeSpan.FromMilliseconds(100);
        while (!stop.IsCancellationRequested)
        {
            var reading = NewReading(stop);
            try
            {
                await CloseAsync();
                var source = await options.Open(stop);
                ledger.Open(source);
                _source = source;
                wait = TimeSpan.FromMilliseconds(100);
                await DeliverAsync(source, reading);
            }
            catch (OperationCanceledException) when (reading.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                // Asked to open the source afresh.
            }
            catch (BrokerException failed) when (failed.Code is BrokerErrorCode.Overloaded or BrokerErrorCode.Unreachable)
            {
                Log.SourceFailed(options.Log, options.Flow, failed.Code, wait, failed);
                await Task.Delay(wait, options.Time, stop);
                wait = wait * 2 < options.Limits.BrokerBackoffMax ? wait * 2 : options.Limits.BrokerBackoffMax;
            }
        }
    }

    /// <summary>Leaves the source and opens it again: everything not committed is dropped and comes again. Thread-safe.</summary>
    public void Reopen()
    {
        lock (_lock)
        {
            _reading.Cancel();
        }
    }

    /// <summary>
    /// Closes the source. It stays in place until the next is open: what still refers to it is refused, not lost. Called by the
    /// reader, or after it ended.
    /// </summary>
    public async ValueTask CloseAsync()
    {
        if (_source is { } old)
        {
            ledger.Open(old);
            await old.DisposeAsync();
        }
    }

    /// <summary>The lane group of a key.</summary>
    public LaneGroup GroupOf(MessageKey key) => groups[IndexOf(key)];

    private CancellationToken NewReading(CancellationToken stop)
    {
        lock (_lock)
        {
            _reading.Dispose();
            _reading = CancellationTokenSource.CreateLinkedTokenSource(stop);
            return _reading.Token;
        }
    }

    private async Task DeliverAsync(IFlowSource source, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await source.ReceiveAsync(options.Limits.DeliveryMessagesMax, cancellationToken))
            {
                case SubscriptionEvent.Delivered delivered:
                    Deliver(delivered);
                    break;
                case SubscriptionEvent.Assigned assigned:
                    foreach (var (partition, progress) in assigned.Partitions)
                    {
                        ledger.Assign(partition, progress, await LoadParkedAsync(partition, cancellationToken));
                    }

                    break;
                case SubscriptionEvent.Revoked revoked:
                    foreach (var partition in revoked.Partitions)
                    {
                        ledger.Revoke(partition);
                    }

                    break;
                case SubscriptionEvent.Gap gap:
                    ledger.Counters.Missed(gap.Next - gap.From);
                    Log.Gap(options.Log, options.Flow, gap.Partition, gap.From, gap.Next);
                    break;
            }
        }
    }

    /// <summary>The partition is ours, so nobody else changes what is read here.</summary>
    private async Task<ParkedKeys> LoadParkedAsync(int partition, CancellationToken cancellationToken) =>
        options.Broker.Capabilities.HasFlag(BrokerCapabilities.State)
            ? await ParkedKeys.LoadAsync(options.Broker, options.Store, partition, cancellationToken)
            : new ParkedKeys(options.Store, partition);

    private void Deliver(SubscriptionEvent.Delivered delivered)
    {
        var messages = delivered.Messages;
        if (ledger.Deliver(delivered.Partition, messages) is not { } work)
        {
            return;
        }

        var shares = new StoredMessage[]?[groups.Length];
        var counts = new int[groups.Length];
        for (var i = 0; i < messages.Count; i++)
        {
            var group = IndexOf(messages[i]);
            (shares[group] ??= new StoredMessage[messages.Count])[counts[group]++] = messages[i];
        }

        for (var group = 0; group < groups.Length; group++)
        {
            if (shares[group] is { } share)
            {
                groups[group].Post(new LaneBatch(work, share, counts[group]));
            }
        }
    }

    /// <summary>
    /// The lane group of a message. The partition comes from the low bits of the same hash, so the group takes others: else all
    /// keys of a partition would share one. Messages without key go round, all of a run to one.
    /// </summary>
    private int IndexOf(StoredMessage message)
    {
        if (groups.Length == 1)
        {
            return 0;
        }

        return message.Message.Key is { } key ? IndexOf(key) : (int)((uint)_round++ / 16 % (uint)groups.Length);
    }

    private int IndexOf(MessageKey key) => (int)(((uint)key.GetHashCode() * 0x9E3779B1u) >> 16) % groups.Length;
}
