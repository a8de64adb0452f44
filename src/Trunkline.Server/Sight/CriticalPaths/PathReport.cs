using Trunkline.Client.Api;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>Reports what bounds how long messages take through a flow, from the kept traces.</summary>
/// <param name="store">Keeps them.</param>
/// <param name="tries">Keeps when all messages were worked on, for the waits.</param>
/// <param name="rooms">Questions a model takes at once; null if that is not known.</param>
/// <param name="time">The clock.</param>
internal sealed class PathReport(TraceStore store, TryBook tries, Func<string, int?> rooms, TimeProvider time)
{
    /// <summary>Spans looked at, the latest.</summary>
    public const int SpansMax = 200_000;

    private const double Median = 0.5;
    private const double Tail = 0.99;
    private const int Seed = 1;
    private static readonly double[] Quantiles = [Median, Tail];

    /// <summary>The report; null if no way is whole.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="within">How far back it looks.</param>
    /// <param name="asked">Owners, and the factor of their time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<PathView?> OfAsync(string flow, TimeSpan within, IReadOnlyList<(string Owner, double Factor)> asked, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - within;
        var spans = await store.SinceAsync(since, SpansMax, cancellationToken);
        var sampled = store.Find(t => t.InShare && t.Flows.Contains(flow), int.MaxValue).Select(t => t.Trace).ToHashSet(StringComparer.Ordinal);
        var ways = FlowWays.Of(flow, spans, sampled.Contains);

        // Better the slow and the failed than nothing, as long as it is said.
        var isSampled = ways.Count > 0;
        if (!isSampled)
        {
            ways = FlowWays.Of(flow, spans, _ => true);
        }

        if (ways.Count == 0)
        {
            return null;
        }

        var waits = asked.Count == 0 ? null : new RecomputedWaits(flow, ways, tries.Read(), rooms);
        return View(flow, ways) with { Sampled = isSampled, WhatIf = [.. asked.Select(a => Answer(ways, waits!, a.Owner, a.Factor))] };
    }

    private static PathView View(string flow, List<FlowWay> ways)
    {
        var graphs = ways.Select(w => w.Graph).ToList();
        var sorted = ways.OrderBy(w => w.Graph.Length).ToList();
        var (typical, slow) = (FlowShares.Between(graphs, 0.4, 0.6), FlowShares.Between(graphs, 0.985, 1));
        return new PathView(
            flow,
            ways.Count,
            true,
            TraceTime.Of(graphs.Min(g => g.Ingest)),
            TraceTime.Of(graphs.Max(g => g.Delivered)),
            TraceTime.Milliseconds(At(sorted, Median).Graph.Length),
            TraceTime.Milliseconds(At(sorted, Tail).Graph.Length),
            [
                .. typical.Concat(slow).Select(s => (s.Owner, s.Kind)).Distinct()
                    .Select(k => new PathShareView(k.Owner, Word(k.Owner, k.Kind), ShareOf(typical, k), ShareOf(slow, k)))
                    .OrderByDescending(s => s.P99Share).ThenByDescending(s => s.P50Share).ThenBy(s => s.Owner, StringComparer.Ordinal),
            ],
            [Example(Median, At(sorted, Median)), Example(Tail, At(sorted, Tail))],
            []);
    }

    /// <summary>What would be if an owner took another time: with the waits as they were, and as they would be.</summary>
    public static WhatIfView Answer(IReadOnlyList<FlowWay> ways, RecomputedWaits waits, string owner, double factor)
    {
        double Scale(string of) => of == owner ? factor : 1;
        var kept = ways.OrderBy(w => w.Graph.Ingest).Select(w => (w.Graph.Length, w.Graph.Replay(s => Scale(s.Owner)))).ToList();
        var refusal = Quantiles.Select(waits.Refuses).FirstOrDefault(r => r is not null);
        var recomputed = refusal is null ? waits.Lengths(Scale) : null;
        return new WhatIfView(owner, factor, [.. Quantiles.Select(q => Answer(WhatIf.Of(kept, q, Seed), recomputed is null ? null : WhatIf.Of(recomputed, q, Seed), q, waits))])
        {
            RecomputedMessages = waits.Count,
            NotRecomputed = refusal,
        };
    }

    private static WhatIfQuantileView Answer(WhatIf kept, WhatIf? recomputed, double quantile, RecomputedWaits waits) => new(
        quantile,
        TraceTime.Milliseconds(kept.Before),
        TraceTime.Milliseconds(kept.After),
        TraceTime.Milliseconds(Spread(kept)),
        recomputed is null ? null : TraceTime.Milliseconds(recomputed.After),
        recomputed is null ? null : TraceTime.Milliseconds(Spread(recomputed) + (long)(recomputed.After * waits.Off(quantile))))
    {
        RecomputedBeforeMs = recomputed is null ? null : TraceTime.Milliseconds(recomputed.Before),
    };

    private static long Spread(WhatIf answer) => Math.Max(answer.High - answer.After, answer.After - answer.Low);

    private static PathExampleView Example(double quantile, FlowWay way) => new(
        quantile,
        way.Trace,
        TraceTime.Milliseconds(way.Graph.Length),
        [.. CriticalPath.Of(way.Graph).Select(s => new PathSectionView(s.Owner, Word(s.Owner, s.Kind), TraceTime.Milliseconds(s.Start - way.Graph.Ingest), TraceTime.Milliseconds(s.Length)))]);

    private static FlowWay At(List<FlowWay> sorted, double quantile) => sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Count) - 1, 0, sorted.Count - 1)];

    private static double ShareOf(IReadOnlyList<(string Owner, SegmentKind Kind, double Share)> shares, (string Owner, SegmentKind Kind) of) =>
        Math.Round(shares.Where(s => s.Owner == of.Owner && s.Kind == of.Kind).Sum(s => s.Share), 6);

    /// <summary>Waiting for room at a model is a part of a step's span, but a wait to who reads it.</summary>
    private static string Word(string owner, SegmentKind kind) => owner.StartsWith(PathOwners.RoomPrefix, StringComparison.Ordinal) ? "queue" : kind.ToString().ToLowerInvariant();
}
