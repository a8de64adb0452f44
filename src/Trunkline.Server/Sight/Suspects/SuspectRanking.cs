using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Server.Flows;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>
/// Ranks what may be why a flow is slow or fails. What changed against the time before comes first, work before the waits it causes, what fails before what is
/// slow; a hop that always took most of the time is named only if nothing changed and the flow breaks its promise. What is not clearly so is not said.
/// </summary>
internal static class SuspectRanking
{
    /// <summary>Times, or tries, on each side that a claim needs at least.</summary>
    public const int Least = 20;

    private const double SlowerRatio = 1.5;
    private const double SlowerSeconds = 0.01;
    private const double SlowerShare = 0.2;

    // What makes the whole way longer by less than this is not why it is long.
    private const double WholeShare = 0.1;
    private const double FailedMore = 0.02;

    // So many of a few are enough, if most fail.
    private const double FewFailed = 5;
    private const double LoadRatio = 1.5;
    private const double LoadTimes = 2;
    private const double BoundShare = 0.5;
    private const double BoundTimes = 2;

    // The steps' own time is what is left when the models' is taken out; below this share of the whole it is noise of the two.
    private const double OwnShare = 0.1;
    private const double Sure = 3;

    // Below this a time is told as none: a ratio to it says nothing.
    private const double Tiny = 0.0005;

    private static readonly double[] Bounds = [0.5, 0.9];

    /// <summary>The likeliest first; none if nothing stands out.</summary>
    /// <param name="now">The flow as it is.</param>
    /// <param name="usual">The flow in the time before; null if nothing is known of it.</param>
    /// <param name="snapshot">How it stands; null if it does not run.</param>
    /// <param name="late">What says that its messages take longer than it promises; null if nothing does.</param>
    public static IReadOnlyList<SuspectView> Rank(HopSide now, HopSide? usual, FlowSnapshot? snapshot, EvidenceView? late)
    {
        var found = new List<SuspectView>();
        found.AddRange(Stopped(snapshot));
        var parked = Parked(now, snapshot);
        if (usual is not null)
        {
            found.AddRange(Failing(now, usual));
            found.AddRange(Slower(now, usual, found.Count > 0));
        }

        found.AddRange(parked);
        if (found.Count == 0 && late is not null)
        {
            found.AddRange(Bound(now, late));
        }

        return [.. found.OrderByDescending(s => s.Score)];
    }

    /// <summary>Where the time of a message goes, the most first. The time of models is taken out of that of the steps that wait for them.</summary>
    public static IReadOnlyList<(HopTime Time, double Typical, double Share)> Times(HopSide side)
    {
        var models = side.Times.Where(t => t.Hop.StartsWith("model ", StringComparison.Ordinal) || t.Hop.StartsWith("room at ", StringComparison.Ordinal)).Sum(Typical);
        var typical = side.Times.Where(t => t.Times.Total > 0).Select(t => (Time: t, Typical: t.Hop == HopSide.Steps ? Math.Max(0, Typical(t) - models) : Typical(t))).ToList();
        var sum = typical.Sum(t => t.Typical);
        return [.. typical.Select(t => (t.Time, t.Typical, sum == 0 ? 0 : t.Typical / sum)).OrderByDescending(t => t.Item3)];
    }

    // Between the usual and the slow: a hop that is slow for one message in ten counts too.
    private static double Typical(HopTime time) => ((time.Times.Quantile(0.5) ?? 0) + (time.Times.Quantile(0.9) ?? 0)) / 2;

    private static IEnumerable<SuspectView> Stopped(FlowSnapshot? flow)
    {
        if (flow?.State is FlowState.Failed or FlowState.PartlyStopped)
        {
            yield return new SuspectView(HopSide.Steps, "stopped", 200, [new EvidenceView($"the flow has stopped: {flow.Reason ?? "its failure policy stopped partitions"}", Map(flow.Name))]);
        }

        else if (flow is { State: FlowState.Running, Reason: { } reason })
        {
            // What cannot be read, or committed, is tried on and on.
            var hop = reason.StartsWith(FlowSnapshot.CommitsWait, StringComparison.Ordinal) ? "commit" : flow.Topic is { } topic ? "topic " + topic : "source";
            yield return new SuspectView(hop, "stopped", 195, [new EvidenceView(reason, Map(flow.Name))]);
        }

        foreach (var sink in flow?.Sinks ?? [])
        {
            if (sink.Breaker?.Since is { } since)
            {
                yield return new SuspectView(HopSide.Sink(sink.Name), "stopped", 190, [new EvidenceView($"paused after failures since {since.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}, {sink.Lag} messages wait: {sink.Breaker.Reason}", Map(flow!.Name))]);
            }
            else if (sink.State == FlowState.Failed)
            {
                yield return new SuspectView(HopSide.Sink(sink.Name), "stopped", 190, [new EvidenceView($"it has stopped: {sink.Reason}", Map(flow!.Name))]);
            }
        }
    }

    /// <summary>Keys that wait for an operator make only their own messages late: whatever else there is comes first.</summary>
    private static IEnumerable<SuspectView> Parked(HopSide now, FlowSnapshot? flow) => flow is not { ParkedKeys: > 0 } || now.Parked == 0 ? [] :
    [
        new SuspectView(HopSide.Steps, "stopped", 10, [new EvidenceView(string.Create(
            CultureInfo.InvariantCulture, $"{flow.ParkedKeys} {(flow.ParkedKeys == 1 ? "key is" : "keys are")} parked until somebody releases them; {now.Parked} messages came to stand there in this time"), "/dead")]),
    ];

    private static IEnumerable<SuspectView> Failing(HopSide now, HopSide usual)
    {
        var failing = now.Tries.Join(usual.Tries, t => t.Hop, t => t.Hop, (a, b) => (Now: a, Usual: b))
            .Where(t => (t.Now.All >= Least || (t.Now.Failed >= FewFailed && t.Now.Share >= BoundShare)) && t.Now.Share - t.Usual.Share >= FailedMore && AttributeClaims.Deviations((t.Now.Failed, t.Now.All), (t.Usual.Failed, t.Usual.All)) >= Sure).ToList();

        // Messages die at the steps when a model they ask does: the model is what failed.
        var models = failing.Any(f => f.Now.Hop.StartsWith("model ", StringComparison.Ordinal));
        foreach (var (tries, before) in failing.Where(f => !(models && f.Now.Hop == HopSide.Steps)))
        {
            yield return new SuspectView(tries.Hop, "failing", 100 + (100 * (tries.Share - before.Share)),
            [
                new EvidenceView(string.Create(CultureInfo.InvariantCulture, $"{tries.Failed} of {tries.All} tries failed ({tries.Share * 100:0.#} %); {before.Share * 100:0.##} % did in the time before"), tries.Hop == HopSide.Steps ? "/dead" : "/map"),
                .. tries.Groups.Take(1).Select(g => new EvidenceView(string.Create(CultureInfo.InvariantCulture, $"most often: {g.What} ({g.Count})"), "/dead")),
            ]);
        }
    }

    private static IEnumerable<SuspectView> Slower(HopSide now, HopSide usual, bool hasCause)
    {
        var before = Times(usual).ToDictionary(t => t.Time.Hop, t => t, StringComparer.Ordinal);
        var least = Math.Max(SlowerSeconds, WholeShare * before.Values.Sum(t => t.Typical));
        var changed = Times(now).Where(t => t.Time.Times.Total >= Least && before.TryGetValue(t.Time.Hop, out var b) && b.Time.Times.Total >= Least)
            .Select(t => new Growth(t.Time, t.Typical, before[t.Time.Hop].Typical)).ToList();
        var slower = changed.Where(g => g.By >= least && g.Now >= SlowerRatio * g.Usual && (g.Time.Hop != HopSide.Steps || g.By >= OwnShare * Typical(g.Time)) && IsClear(g.Time.Times, before[g.Time.Hop].Time.Times)).ToList();

        // Messages wait because what works on them became slower, or fails, or because more of them come: the wait is a symptom then, however much longer it is.
        var work = Main(slower, changed, g => !g.Time.IsWait);

        // Who waits for room at a model keeps a lane that others wait for.
        var rooms = Main(slower, changed, g => now.Questions.ContainsKey(g.Time.Hop));
        var waits = rooms.Count > 0 ? rooms : Main(slower, changed, g => g.Time.IsWait);
        var load = waits.Count > 0 ? Load(now, usual, work) : null;
        var told = work.Count > 0 ? work : hasCause || load is not null ? [] : waits;
        var grown = changed.Sum(g => Math.Max(0, g.By));
        return [.. new[] { load }.OfType<SuspectView>(), .. told.Select(g => g.Told(grown))];
    }

    /// <summary>Those that make up much of what work, or waits, became longer by.</summary>
    private static List<Growth> Main(List<Growth> slower, List<Growth> changed, Func<Growth, bool> isOfKind)
    {
        var grown = changed.Where(isOfKind).Sum(g => Math.Max(0, g.By));
        return [.. slower.Where(g => isOfKind(g) && g.By / grown >= SlowerShare)];
    }

    /// <summary>More messages, and they wait longer. Work that became slower by much more than they became more is no symptom of it.</summary>
    private static SuspectView? Load(HopSide now, HopSide usual, List<Growth> work)
    {
        if (usual.PerSecond is not > 0 || now.PerSecond / usual.PerSecond is not { } ratio || now.Came < Least || usual.Came < Least || ratio < LoadRatio || work.Any(g => g.Now >= LoadTimes * ratio * g.Usual))
        {
            return null;
        }

        return new SuspectView("load", "load", 95, [new EvidenceView(string.Create(
            CultureInfo.InvariantCulture, $"{now.PerSecond:0.#} messages a second come; {usual.PerSecond:0.#} did in the time before, and they wait longer"), "/map")]);
    }

    private static IEnumerable<SuspectView> Bound(HopSide now, EvidenceView late)
    {
        // Of the work only: messages wait for what works on them.
        var work = Times(now).Where(t => !t.Time.IsWait).ToList();
        var sum = work.Sum(t => t.Typical);
        if (work is [var most, ..] && most.Time.Times.Total >= Least && most.Typical >= SlowerSeconds
            && (most.Typical >= BoundShare * sum || most.Typical >= BoundTimes * work[1].Typical))
        {
            yield return new SuspectView(most.Time.Hop, "bound", 20 * most.Typical / sum,
            [
                new EvidenceView(string.Create(
                    CultureInfo.InvariantCulture, $"it takes {most.Typical / sum * 100:0} % of the work on a message: half of them {Readable.Seconds(most.Time.P50)}, 99 of 100 at most {Readable.Seconds(most.Time.P99)}"), "/map"),
                late,
            ]);
        }
    }

    /// <summary>Whether more of the times exceed what half, or nine of ten, did before than chance has it.</summary>
    private static bool IsClear(LatencySketch now, LatencySketch usual) => Bounds.Select(share => usual.Quantile(share)!.Value)
        .Any(bound => AttributeClaims.Deviations((now.Above(bound), now.Total), (usual.Above(bound), usual.Total)) >= Sure);

    private static string Map(string flow) => $"/map?find={Uri.EscapeDataString(flow)}";

    /// <summary>What a hop takes of a message's time, now and before.</summary>
    private readonly record struct Growth(HopTime Time, double Now, double Usual)
    {
        public double By => Now - Usual;

        /// <summary>As a suspect, with its part of what everything became longer by.</summary>
        public SuspectView Told(double all) => new(
            Time.Hop,
            Time.IsWait ? "waiting" : "slower",
            (Time.IsWait ? 30 : 60) + (30 * By / all),
            [
                new EvidenceView(string.Create(CultureInfo.InvariantCulture, $"it takes {Readable.Seconds(Now)} of a message's time; {Readable.Seconds(Usual)} in the time before ({(Usual < Tiny ? "next to nothing" : $"{Now / Usual:0.#} times as long")})"), "/map"),
                new EvidenceView(string.Create(CultureInfo.InvariantCulture, $"that is {By / all * 100:0} % of what the whole way became slower by"), "/map"),
            ]);
    }
}
