using Trunkline.Messaging.Brokers;
using Trunkline.Server.Faults;

namespace Trunkline.Server.Tests.Flows;

/// <summary>Asks before each commit and append what is to happen.</summary>
internal sealed class BrokerWithFaults(IBroker inner) : PassingBroker(inner)
{
    /// <summary>Asked before a commit; throws to refuse it.</summary>
    public Func<CommitUnit, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Asked before an append; throws to refuse it.</summary>
    public Func<TopicAppend, Task> BeforeAppend { get; set; } = _ => Task.CompletedTask;

    public override async ValueTask<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken)
    {
        await Before(unit);
        return await base.CommitAsync(unit, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<Appended>> AppendAsync(TopicAppend append, CancellationToken cancellationToken)
    {
        await BeforeAppend(append);
        return await base.AppendAsync(append, cancellationToken);
    }
}
