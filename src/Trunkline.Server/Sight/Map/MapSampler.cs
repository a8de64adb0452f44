using Trunkline.Client.Api;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Map;

/// <summary>Looks at the map every few seconds: the last minutes give trends, all of it is kept with the figures of hops. Thread-safe.</summary>
internal sealed class MapSampler(HopHistory history, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    // Shorter ones swing with every batch.
    private static readonly TimeSpan TrendMin = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset At, Dictionary<string, long> Lags)> _looks = new();
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <summary>Whether it is time to look again.</summary>
    public bool IsDue => time.GetUtcNow() >= _next;

    /// <summary>Takes a look. The caller is the only one that keeps figures.</summary>
    public void Take(MapView map)
    {
        _next = map.At + Interval;
        foreach (var (id, standing) in map.Nodes.Select(n => (n.Id, NodeStanding.Of(n))))
        {
            if (standing is not null)
            {
                history.Add(NodeStanding.KeyOf(id), standing.Counts);
            }
        }

        var lags = map.Nodes.Where(n => n.Figures.LagMessages is not null).ToDictionary(n => n.Id, n => n.Figures.LagMessages!.Value, StringComparer.Ordinal);
        lock (_lock)
        {
            _looks.Enqueue((map.At, lags));
            while (_looks.Peek().At < map.At - HopFigures.Window)
            {
                _looks.Dequeue();
            }
        }
    }

    /// <summary>The map with how fast lags grow, held against the oldest look of the last minutes.</summary>
    public MapView WithTrends(MapView map)
    {
        (DateTimeOffset At, Dictionary<string, long> Lags) oldest;
        lock (_lock)
        {
            if (!_looks.TryPeek(out oldest) || map.At - oldest.At < TrendMin)
            {
                return map;
            }
        }

        var seconds = (map.At - oldest.At).TotalSeconds;
        return map with
        {
            Nodes = [.. map.Nodes.Select(n => n.Figures.LagMessages is { } lag && oldest.Lags.TryGetValue(n.Id, out var before)
                ? n with { Figures = n.Figures with { LagPerSecond = (lag - before) / seconds } }
                : n)],
        };
    }
}
