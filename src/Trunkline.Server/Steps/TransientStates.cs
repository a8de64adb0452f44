using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.State;

namespace Trunkline.Server.Steps;

/// <summary>
/// The states of keys where a pipeline runs without its flow, as in a comparison: empty at the first message, in memory, gone with this.
/// Timers are set and never fire: there is no time between messages here. Not thread-safe.
/// </summary>
internal sealed class TransientStates : IAsyncDisposable
{
    private const string Store = "transient";
    private readonly MemoryBroker _broker;

    public TransientStates(TimeProvider time)
    {
        _broker = new MemoryBroker(time);
        States = new KeyStates(_broker, Store, 0);
    }

    /// <summary>What the next message of a key sees.</summary>
    public KeyStates States { get; }

    /// <summary>Keeps what a message did.</summary>
    public async ValueTask KeepAsync(PipelineResult result, CancellationToken cancellationToken)
    {
        if ((result is PipelineResult.Failed ? result.State?.Failed : result.State?.Done) is not { } change)
        {
            return;
        }

        States.Put(change);
        await _broker.CommitAsync(new CommitUnit { State = [.. StateCodec.Writes(Store, 0, change)] }, cancellationToken).ConfigureAwait(false);
        States.Settled(change);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _broker.DisposeAsync();
}
