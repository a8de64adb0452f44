using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Faults;

/// <summary>The broker as flows see it: the node's own, whose commits faults may meet. Thread-safe.</summary>
internal sealed class FaultyBroker(IBroker inner, FaultBoard faults) : PassingBroker(inner)
{
    /// <inheritdoc/>
    public override async ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken)
    {
        await faults.BeforeCommitAsync(unit, cancellationToken).ConfigureAwait(false);
        return await base.CommitAsync(unit, cancellationToken).ConfigureAwait(false);
    }
}
