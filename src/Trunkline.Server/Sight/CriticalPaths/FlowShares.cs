namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>Who bounds how long flows take: whose time the critical paths of flows around a quantile are made of.</summary>
internal static class FlowShares
{
    /// <summary>The average share of each owner in the critical paths of the flows between two quantiles of their length, largest first; they add up to 1.</summary>
    /// <param name="flows">The flows.</param>
    /// <param name="from">The lower quantile, 0 to 1.</param>
    /// <param name="to">The upper one.</param>
    public static IReadOnlyList<(string Owner, SegmentKind Kind, double Share)> Between(IReadOnlyList<FlowGraph> flows, double from, double to)
    {
        var sorted = flows.Where(f => f.Length > 0).OrderBy(f => f.Length).ToList();
        var band = sorted.Where((_, i) => (i + 1.0) / sorted.Count >= from && (double)i / sorted.Count <= to).ToList();
        return
        [
            .. band.SelectMany(flow => CriticalPath.Of(flow).Select(s => (s.Owner, s.Kind, Share: (double)s.Length / flow.Length / band.Count)))
                .GroupBy(s => (s.Owner, s.Kind), (key, shares) => (key.Owner, key.Kind, Share: shares.Sum(s => s.Share)))
                .OrderByDescending(s => s.Share).ThenBy(s => s.Owner, StringComparer.Ordinal),
        ];
    }
}
