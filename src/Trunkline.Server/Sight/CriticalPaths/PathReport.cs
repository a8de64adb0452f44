using Trunkline.Client.Api;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>Reports what bounds how long messages take through a flow, from the kept traces.</summary>
/// <param name="store">Keeps them.</param>
/// <param name="time">The clock.</param>
internal sealed class PathReport(TraceStore store, TimeProvider time)
{
    /// <summary>Spans looked at, the latest.</summary>
    public const int SpansMax = 200_000;

    private const double Median = 0.5;
    private const double Tail = 0.99;
    private const int Seed = 1;

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
        var (ways, jobs) = FlowWays.Of(flow, spans, sampled.Contains);

        // Better the slow and the failed than nothing, as long as it is said.
        var isSampled = ways.Count > 0;
        if (!isSampled)
        {
            (ways, jobs) = FlowWays.Of(flow, spans, _ => true);
        }

        return ways.Count == 0 ? null : View(flow, ways, jobs, asked) with { Sampled = isSampled };
    }

    /// <summary>The report over ways.</summary>
    public static PathView View(string flow, IReadOnlyList<FlowWay> ways, IReadOnlyList<FlowJob> jobs, IReadOnlyList<(string Owner, double Factor)> asked)
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
                    .Select(k => new PathShareView(k.Owner, Word(k.Kind), ShareOf(typical, k), ShareOf(slow, k)))
                    .OrderByDescending(s => s.P99Share).ThenByDescending(s => s.P50Share).ThenBy(s => s.Owner, StringComparer.Ordinal),
            ],
            [Example(Median, At(sorted, Median)), Example(Tail, At(sorted, Tail))],
            [.. asked.Select(a => new WhatIfView(a.Owner, a.Factor, Answers(graphs, jobs, a)))]);
    }

    private static List<WhatIfQuantileView> Answers(IReadOnlyList<FlowGraph> graphs, IReadOnlyList<FlowJob> jobs, (string Owner, double Factor) asked)
    {
        double Scale(FlowSegment s) => s.Owner == asked.Owner ? asked.Factor : 1;
        var waits = graphs.SelectMany(g => g.Segments).Where(s => s.Kind == SegmentKind.Queue && s.Length > 0).DistinctBy(s => s.Span).ToDictionary(s => s.Span, s => s.Length, StringComparer.Ordinal);
        var changed = QueueReplay.Of(jobs, waits, Scale);
        double Recomputed(FlowSegment s) => s.Kind == SegmentKind.Queue && changed.TryGetValue(s.Span, out var wait) ? (double)wait / s.Length : Scale(s);
        return [.. new[] { Median, Tail }.Select(quantile =>
        {
            var (kept, replayed) = (WhatIf.Of(graphs, Scale, quantile, Seed), WhatIf.Of(graphs, Recomputed, quantile, Seed));
            return new WhatIfQuantileView(
                quantile, TraceTime.Milliseconds(kept.Before), TraceTime.Milliseconds(kept.After), PlusMinus(kept), TraceTime.Milliseconds(replayed.After), PlusMinus(replayed));
        })];
    }

    private static double PlusMinus(WhatIf answer) => TraceTime.Milliseconds(Math.Max(answer.High - answer.After, answer.After - answer.Low));

    private static PathExampleView Example(double quantile, FlowWay way) => new(
        quantile,
        way.Trace,
        TraceTime.Milliseconds(way.Graph.Length),
        [.. CriticalPath.Of(way.Graph).Select(s => new PathSectionView(s.Owner, Word(s.Kind), TraceTime.Milliseconds(s.Start - way.Graph.Ingest), TraceTime.Milliseconds(s.Length)))]);

    private static FlowWay At(List<FlowWay> sorted, double quantile) => sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Count) - 1, 0, sorted.Count - 1)];

    private static double ShareOf(IReadOnlyList<(string Owner, SegmentKind Kind, double Share)> shares, (string Owner, SegmentKind Kind) of) =>
        Math.Round(shares.Where(s => s.Owner == of.Owner && s.Kind == of.Kind).Sum(s => s.Share), 6);

    private static string Word(SegmentKind kind) => kind.ToString().ToLowerInvariant();
}
