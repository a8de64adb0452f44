using Trunkline.Client.Api;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Sight.Map;

/// <summary>What is different between two maps. Small differences are not: kept quantiles are off by up to 5 % each, and rates swing.</summary>
internal static class MapDifference
{
    private const double TimeRatio = 1.25;
    private const double TimeMsMin = 1;
    private const double RateRatio = 1.5;
    private const double RateMin = 0.05;
    private const double ErrorsMin = 0.01;
    private const double LagRatio = 2;
    private const double LagSecondsMin = 5;

    /// <summary>A map with what each node and hop was then, what is different, and what of it the project changed. What is gone is there too.</summary>
    public static MapView Of(MapView now, MapView then, IReadOnlyList<PlanEntry> changed)
    {
        var nodes = Pairs(now.Nodes, then.Nodes, n => n.Id).Select(p => Node(p.Now, p.Then, changed));
        var edges = Pairs(now.Edges, then.Edges, e => e.Id).Select(p => Edge(p.Now, p.Then));
        return now with
        {
            Nodes = [.. nodes],
            Edges = [.. edges],
            Against = then.At,
            AgainstWindowSeconds = then.WindowSeconds,
            AgainstRevision = then.Revision,
        };
    }

    private static IEnumerable<(T? Now, T? Then)> Pairs<T>(IReadOnlyList<T> now, IReadOnlyList<T> then, Func<T, string> id)
        where T : class
    {
        var (a, b) = (now.ToDictionary(id, StringComparer.Ordinal), then.ToDictionary(id, StringComparer.Ordinal));
        return a.Keys.Union(b.Keys).Order(StringComparer.Ordinal).Select(key => (a.GetValueOrDefault(key), b.GetValueOrDefault(key)));
    }

    private static MapNode Node(MapNode? now, MapNode? then, IReadOnlyList<PlanEntry> changed)
    {
        var node = now ?? then!;
        var entry = changed.FirstOrDefault(c => MapIds.Of(c.Kind, c.Name) == node.Id);
        return node with { Difference = Difference(now?.Figures, then?.Figures, entry?.Action == PlanAction.Change), Changed = entry?.Details, Figures = now is null ? new MapFigures() : node.Figures };
    }

    private static MapEdge Edge(MapEdge? now, MapEdge? then) =>
        (now ?? then!) with { Difference = Difference(now?.Figures, then?.Figures, false), Figures = now?.Figures ?? new MapFigures() };

    private static MapDifferenceView? Difference(MapFigures? now, MapFigures? then, bool isChanged)
    {
        if (now is null || then is null)
        {
            return new MapDifferenceView(now is null ? "gone" : "new", [], then);
        }

        var words = Words(now, then).ToList();
        return new MapDifferenceView(isChanged || words.Count > 0 ? "changed" : "same", words, then);
    }

    private static IEnumerable<string> Words(MapFigures now, MapFigures then)
    {
        if (Compare(now.P99Ms, then.P99Ms, TimeRatio, TimeMsMin) is var time and not 0)
        {
            yield return time > 0 ? "slower" : "faster";
        }

        if (Compare(now.WaitP99Ms, then.WaitP99Ms, TimeRatio, TimeMsMin) is var wait and not 0)
        {
            yield return wait > 0 ? "waits longer" : "waits less";
        }

        if (now.ErrorShare is { } errors && then.ErrorShare is { } before && Math.Abs(errors - before) >= ErrorsMin)
        {
            yield return errors > before ? "fails more" : "fails less";
        }

        if (Compare(now.PerSecond, then.PerSecond, RateRatio, RateMin) is var rate and not 0)
        {
            yield return rate > 0 ? "more traffic" : "less traffic";
        }

        if (Compare(now.LagSeconds, then.LagSeconds, LagRatio, LagSecondsMin) is var lag and not 0)
        {
            yield return lag > 0 ? "further behind" : "less behind";
        }
    }

    /// <summary>1 if it is clearly more, -1 if clearly less, else 0; what was not measured at both times is neither.</summary>
    private static int Compare(double? now, double? then, double ratio, double least) => (now, then) switch
    {
        ({ } a, { } b) when Math.Abs(a - b) < least => 0,
        ({ } a, { } b) when a > b * ratio => 1,
        ({ } a, { } b) when b > a * ratio => -1,
        _ => 0,
    };
}
