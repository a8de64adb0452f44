using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map;
using Trunkline.Server.Sight.Slos;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>What the node knows of itself that alerts come of.</summary>
/// <param name="Slos">What is promised, and kept.</param>
/// <param name="Figures">The last minutes.</param>
/// <param name="Drift">Alarms about drift.</param>
/// <param name="Expiries">Certificates and tokens that end.</param>
internal sealed record AlertSources(SloBook Slos, HopFigures Figures, DriftBook Drift, Expiries Expiries);

/// <summary>Looks at the node, and says what is wrong to the desk of alerts.</summary>
internal sealed class AlertWatch(IBroker broker, FlowSupervisor flows, AlertSources sources, TimeProvider time)
{
    /// <summary>Everything that is wrong now.</summary>
    public async Task<IReadOnlyList<AlertCondition>> LookAsync(ProjectConfig project, CancellationToken cancellationToken)
    {
        var snapshots = await flows.SnapshotAsync(cancellationToken);
        var reports = await sources.Slos.ReportAsync(project, cancellationToken);
        return AlertRules.Judge(new AlertFacts(time.GetUtcNow(), project, snapshots, reports, sources.Figures)
        {
            Drift = [.. sources.Drift.Of(null).Where(a => a.ClosedAt is null)],
            Refusal = broker.Refusal,
            Expiries = sources.Expiries.Look(project),
            OldestOutbox = await MapFacts.OldestOutboxAsync(broker, snapshots, cancellationToken),
        });
    }
}
