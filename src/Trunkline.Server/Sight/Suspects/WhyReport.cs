using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Core.Config;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Sight.CriticalPaths;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>What is kept of a flow, beside what is measured now.</summary>
/// <param name="Live">The last minutes.</param>
/// <param name="History">Figures of hops, from before.</param>
/// <param name="Slos">What is promised, and kept.</param>
/// <param name="Tries">What single messages took.</param>
internal sealed record WhySources(HopFigures Live, HopHistory History, SloBook Slos, TryBook Tries);

/// <summary>Says why a flow is slow or fails, or that nothing stands out.</summary>
internal sealed class WhyReport(WhySources sources, IBroker broker, FlowSupervisor flows, ProjectReleases releases, TimeProvider time)
{
    /// <summary>How far back the time before reaches.</summary>
    public static readonly TimeSpan Baseline = TimeSpan.FromHours(24);

    /// <summary>What began just now shows here before it does in the whole window.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(60);

    // A kept minute may hold what was measured this long after it began: of a moment that is too much.
    private static readonly TimeSpan KeptLate = TimeSpan.FromMinutes(1);

    // Below this the minutes just before are the better measure of what is usual: what is kept of them begins and ends within minutes.
    private const double KeptMin = 600;

    // A change is told beside what began up to this long after it.
    private static readonly TimeSpan ChangeReach = TimeSpan.FromMinutes(60);

    // What people do about trouble does not bring it about.
    private static readonly string[] Remedies = ["acknowledge", "silence", "unsilence", "backup", "redrive", "drop", "release-key"];

    /// <summary>Looks at the last minutes of a flow, beside the day before them; then at the last moment, beside all before it.</summary>
    public async Task<WhyView> LookAsync(FlowConfig flow, ProjectConfig project, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow();
        var whole = await WholeAsync(flow, project, until, cancellationToken);
        var facts = new WhyFacts(
            flow,
            await flows.SnapshotAsync(flow.Name, cancellationToken),
            whole,
            await MomentAsync(flow, project, until, cancellationToken),
            ServiceTimes.Add(await new MessageReader(broker).ReadAsync(flow, whole.From, cancellationToken), flow.Name, sources.Tries.Read()));
        var (look, suspects) = SuspectFinder.Find(facts);
        if (suspects.Count == 0 && await LateAsync(flow, project, cancellationToken) is { } late)
        {
            suspects = SuspectRanking.Rank(whole.Now, whole.Usual, facts.Snapshot, late);
        }

        return View(flow, look, until, await WithChangesAsync(suspects, look.From, cancellationToken));
    }

    private async Task<WhyLook> WholeAsync(FlowConfig flow, ProjectConfig project, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var from = until - TimeSpan.FromSeconds(sources.Live.Seconds);
        var kept = await KeptAsync(from, from, cancellationToken);
        return new WhyLook(from, Side(flow, project, sources.Live), kept.Seconds > 0 ? Side(flow, project, kept) : null, from - Baseline);
    }

    private async Task<WhyLook> MomentAsync(FlowConfig flow, ProjectConfig project, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var (recent, before) = sources.Live.Split(Moment);
        var from = until - TimeSpan.FromSeconds(recent.Seconds);
        var kept = await KeptAsync(from, from - KeptLate, cancellationToken);
        IHopFigures usual = kept.Seconds >= KeptMin || before.Seconds == 0 ? kept : before;
        return new WhyLook(from, Side(flow, project, recent), usual.Seconds > 0 ? Side(flow, project, usual) : null, usual == before ? from - TimeSpan.FromSeconds(before.Seconds) : from - Baseline);
    }

    private static HopSide Side(FlowConfig flow, ProjectConfig project, IHopFigures figures) =>
        new(flow, figures, model => project.Models.TryGetValue(model, out var config) ? config.Versions.Select(v => v.Model) : []);

    private Task<KeptHops> KeptAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) => sources.History.ReadAsync(from - Baseline, until, cancellationToken);

    private static WhyView View(FlowConfig flow, WhyLook look, DateTimeOffset until, IReadOnlyList<SuspectView> suspects)
    {
        var before = look.Usual is null ? [] : SuspectRanking.Times(look.Usual).ToDictionary(t => t.Time.Hop, t => t.Time, StringComparer.Ordinal);
        var times = SuspectRanking.Times(look.Now);
        return new WhyView(
            flow.Name,
            look.From,
            until,
            look.Usual is null ? null : look.UsualFrom,
            suspects.Count > 0 ? $"{(suspects[0].Messages is { } which ? $"{which} at " : "")}{suspects[0].Hop}: {suspects[0].Evidence[0].Says}." : Nothing(look.Now, times),
            suspects,
            [.. times.Select(t => new HopTimeView(
                t.Time.Hop,
                t.Time.IsWait ? "wait" : "work",
                t.Share,
                t.Time.P50 * 1000,
                t.Time.P99 * 1000,
                before.TryGetValue(t.Time.Hop, out var then) && then.Times.Total > 0 ? then.P50 * 1000 : null,
                then.Times?.Total > 0 ? then.P99 * 1000 : null))]);
    }

    /// <summary>A hop that always takes most of the time is no trouble, yet worth a word to who asks.</summary>
    private static string Nothing(HopSide now, IReadOnlyList<(HopTime Time, double Typical, double Share)> times) => now.Came == 0 ? "No message came in this time."
        : times.Count == 0 ? "Nothing stands out."
        : string.Create(CultureInfo.InvariantCulture, $"Nothing stands out. Most of the time goes to {times[0].Time.Hop}: {times[0].Share * 100:0} %.");

    /// <summary>What says that the flow breaks its promise now; null if nothing does.</summary>
    private async Task<EvidenceView?> LateAsync(FlowConfig flow, ProjectConfig project, CancellationToken cancellationToken)
    {
        var burning = flow.Slo is null ? null : (await sources.Slos.ReportAsync(project, cancellationToken)).FirstOrDefault(r => r.Flow.Name == flow.Name && r.Tenant is null && r.Burns.Any(b => b.Fires));
        return burning?.Burns.First(b => b.Fires) is not { } burn ? null : new EvidenceView(
            string.Create(CultureInfo.InvariantCulture, $"the promise {burning.Objective.Name} is broken: its budget burns {burn.Long:0.#} times too fast over {DurationText.Format(burn.Rule.Long)}"),
            $"/slo?flow={Uri.EscapeDataString(flow.Name)}");
    }

    /// <summary>The last change just before is told with what changed: as a fact, not as the cause.</summary>
    private async Task<IReadOnlyList<SuspectView>> WithChangesAsync(IReadOnlyList<SuspectView> suspects, DateTimeOffset from, CancellationToken cancellationToken)
    {
        if (suspects.Count == 0 || suspects[0].Kind == "bound")
        {
            return suspects;
        }

        var change = (await releases.Changes.ReadAsync(100, null, cancellationToken)).Changes.FirstOrDefault(c => c.At > from - ChangeReach && !Remedies.Contains(c.What) && !c.IsBeginning);
        return change is null ? suspects :
        [
            suspects[0] with
            {
                Evidence =
                [
                    .. suspects[0].Evidence,
                    new EvidenceView(
                        $"the last change before or within: {change.What} of {change.Target} by {change.Who}, {change.At.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}",
                        $"/changes?find={Uri.EscapeDataString(change.Target)}"),
                ],
            },
            .. suspects.Skip(1),
        ];
    }
}
