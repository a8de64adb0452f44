using Trunkline.Client.Api;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>Says why a flow is slow or fails, or that nothing stands out.</summary>
internal sealed class WhyReport(HopFigures figures, HopHistory history, FlowSupervisor flows, ProjectReleases releases, TimeProvider time)
{
    /// <summary>How far back the time before reaches.</summary>
    public static readonly TimeSpan Baseline = TimeSpan.FromHours(24);

    // A change is told beside what began up to this long after it.
    private static readonly TimeSpan ChangeReach = TimeSpan.FromMinutes(60);

    /// <summary>Looks at the last minutes of a flow, beside the day before them.</summary>
    public async Task<WhyView> LookAsync(FlowConfig flow, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow();
        var from = until - TimeSpan.FromSeconds(figures.Seconds);
        var kept = await history.ReadAsync(from - Baseline, from, cancellationToken);
        var now = new HopSide(flow, figures);
        var usual = kept.Seconds > 0 ? new HopSide(flow, kept) : null;
        var suspects = SuspectRanking.Rank(now, usual, await flows.SnapshotAsync(flow.Name, cancellationToken), IsLate(flow, now));
        var before = usual is null ? [] : SuspectRanking.Times(usual).ToDictionary(t => t.Time.Hop, t => t.Time, StringComparer.Ordinal);
        return new WhyView(
            flow.Name,
            from,
            until,
            usual is null ? null : from - Baseline,
            suspects.Count == 0 ? now.Came == 0 ? "No message came in this time." : "Nothing stands out." : $"{suspects[0].Hop}: {suspects[0].Evidence[0].Says}.",
            await WithChangesAsync(suspects, from, cancellationToken),
            [.. SuspectRanking.Times(now).Select(t => new HopTimeView(
                t.Time.Hop,
                t.Time.IsWait ? "wait" : "work",
                t.Share,
                t.Time.P50 * 1000,
                t.Time.P99 * 1000,
                before.TryGetValue(t.Time.Hop, out var then) && then.Times.Total > 0 ? then.P50 * 1000 : null,
                then.Times?.Total > 0 ? then.P99 * 1000 : null))]);
    }

    /// <summary>Whether its messages take longer than it promises; a flow that promises nothing may be asked about all the same.</summary>
    private static bool IsLate(FlowConfig flow, HopSide now) => flow.Slo?.Within is not { } within || SuspectRanking.Times(now).Sum(t => t.Typical) > within.TotalSeconds / 2;

    /// <summary>The last change just before is told with what changed: as a fact, not as the cause.</summary>
    private async Task<IReadOnlyList<SuspectView>> WithChangesAsync(IReadOnlyList<SuspectView> suspects, DateTimeOffset from, CancellationToken cancellationToken)
    {
        if (suspects.Count == 0 || suspects[0].Kind == "bound")
        {
            return suspects;
        }

        var change = (await releases.Changes.ReadAsync(100, null, cancellationToken)).Changes.FirstOrDefault(c => c.At > from - ChangeReach && c.What is "apply" or "activate" or "deployment");
        return change is null
            ? suspects
            : [suspects[0] with { Evidence = [.. suspects[0].Evidence, new EvidenceView($"the last change before or within: {change.What} of {change.Target} by {change.Who}, {change.At.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}", "/changes")] }, .. suspects.Skip(1)];
    }
}
