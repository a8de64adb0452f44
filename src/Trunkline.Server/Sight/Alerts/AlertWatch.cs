using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>Looks at the node, and says what is wrong to the desk of alerts.</summary>
internal sealed class AlertWatch(IBroker broker, FlowSupervisor flows, SloBook slos, HopFigures figures, TimeProvider time)
{
    /// <summary>Everything that is wrong now.</summary>
    public async Task<IReadOnlyList<AlertCondition>> LookAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        var snapshots = await flows.SnapshotAsync(cancellationToken);
        var reports = await slos.ReportAsync(project, cancellationToken);
        return AlertRules.Judge(new AlertFacts(time.GetUtcNow(), project, snapshots, reports, figures)
        {
            OldestOutbox = await MapFacts.OldestOutboxAsync(broker, snapshots, cancellationToken),
        });
    }
}
