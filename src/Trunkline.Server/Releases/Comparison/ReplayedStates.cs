using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.State;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>
/// The states of keys in a comparison: empty at its first message, in memory, its own for each side. Timers are set and never fire:
/// the recording holds messages, not the time between them. Not thread-safe.
/// </summary>
internal sealed class ReplayedStates : IAsyncDisposable
{
    private const string Store = "comparison";
    private readonly MemoryBroker _broker;

    public ReplayedStates(TimeProvider time)
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
