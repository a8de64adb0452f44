using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map.Neighbours;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Metrics;

/// <summary>Adds what services measured of their requests to the figures of the last minutes, with which it is kept. What counts from a start on is held against the point before it. Thread-safe.</summary>
/// <param name="figures">The last minutes.</param>
/// <param name="time">The clock.</param>
internal sealed class ServiceMeters(HopFigures figures, TimeProvider time)
{
    /// <summary>Series that are held in mind at most: those that tell longest nothing go first.</summary>
    public const int SeriesMax = 20_000;

    /// <summary>Services at most; those beyond are one.</summary>
    public const int ServicesMax = 500;

    // A series that began before it was first seen may count days: what it counted by then is of no minute that is kept.
    private static readonly TimeSpan NewFor = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Seen> _series = [];
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);

    /// <summary>Takes points.</summary>
    public void Add(IEnumerable<MetricPoint> points)
    {
        lock (_lock)
        {
            foreach (var point in points)
            {
                Add(point);
            }
        }
    }

    private void Add(MetricPoint point)
    {
        var times = new LatencySketch();
        var before = point.IsDelta ? null : Before(point);
        for (var i = 0; i < point.Counts.Count; i++)
        {
            var count = point.Counts[i] - (before is null ? 0 : before[i]);
            if (count > 0)
            {
                times.Add(MiddleOf(point.Bounds, i), (int)count);
            }
        }

        if (times.Total > 0)
        {
            var service = _services.Contains(point.Service) || (_services.Count < ServicesMax && _services.Add(point.Service)) ? point.Service : ServiceNodes.RestName;
            figures.Add(new FigureKey(ServiceFigures.Requests, service, point.Kind, point.IsFailed ? ServiceFigures.Failed : ""), times);
        }
    }

    /// <summary>What of a series was counted already; null if all it says is new.</summary>
    private IReadOnlyList<long>? Before(MetricPoint point)
    {
        var now = time.GetUtcNow();
        var seen = _series.GetValueOrDefault(point.Series);
        if (seen is null && _series.Count >= SeriesMax)
        {
            Forget();
        }

        _series[point.Series] = new Seen(point.Start, point.Counts, now);
        if (seen is not null && seen.Start == point.Start && seen.Counts.Count == point.Counts.Count && seen.Counts.Zip(point.Counts).All(c => c.First <= c.Second))
        {
            return seen.Counts;
        }

        // A series that begins anew counts from nothing; one that is older than this look is only known from now on.
        return seen is not null || (point.Start <= long.MaxValue && point.Start >= (ulong)TraceTime.Of(now - NewFor)) ? null : point.Counts;
    }

    private void Forget()
    {
        foreach (var (series, _) in _series.OrderBy(s => s.Value.At).Take(SeriesMax / 10).ToList())
        {
            _series.Remove(series);
        }
    }

    // Between its bounds nothing is known: half-way is off by less than the width of the bucket.
    private static double MiddleOf(IReadOnlyList<double> bounds, int bucket) => bounds.Count == 0 ? 0 : bucket == bounds.Count ? bounds[^1]
        : ((bucket == 0 ? Math.Min(0, bounds[0]) : bounds[bucket - 1]) + bounds[bucket]) / 2;

    private sealed record Seen(ulong Start, IReadOnlyList<long> Counts, DateTimeOffset At);
}
