using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Faults;

namespace Trunkline.Testing.Conformance.Connectors;

/// <summary>
/// A broker that outlives nodes: one that is closed goes on for the next node. It can die under a node after so many commits: nothing is
/// committed any more, as when the process was killed.
/// </summary>
internal sealed class MortalBroker(MemoryBroker inner) : PassingBroker(inner)
{
    private TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _commitsLeft = long.MaxValue;

    /// <summary>Completes when it died.</summary>
    public Task Died => _died.Task;

    /// <summary>It dies after so many commits from now on that append to <c>out</c>.</summary>
    public void DieAfter(int commits)
    {
        _died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _commitsLeft, commits);
    }

    /// <summary>It lives on.</summary>
    public void Live() => DieAfter(int.MaxValue);

    /// <inheritdoc/>
    public override ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken)
    {
        if (unit.Appends.Any(append => append.Topic == "out") && Interlocked.Decrement(ref _commitsLeft) < 0)
        {
            _died.TrySetResult();
        }

        return _died.Task.IsCompleted ? throw new BrokerException(BrokerErrorCode.StoreFailed, "It died.") : base.CommitAsync(unit, cancellationToken);
    }
}
