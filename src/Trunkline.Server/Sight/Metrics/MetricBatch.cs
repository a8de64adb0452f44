namespace Trunkline.Server.Sight.Metrics;

/// <summary>The points of one request, and what of it was not kept. Not thread-safe.</summary>
internal sealed class MetricBatch
{
    /// <summary>Points of one request at most.</summary>
    public const int PointsMax = 10_000;

    /// <summary>Buckets of a point at most.</summary>
    public const int BucketsMax = 200;

    private const int NamesShown = 5;

    private readonly SortedSet<string> _unknown = new(StringComparer.Ordinal);

    /// <summary>The points.</summary>
    public List<MetricPoint> Points { get; } = [];

    /// <summary>Metrics of the request that are kept.</summary>
    public long Known { get; set; }

    /// <summary>Metrics of the request that are not.</summary>
    public long Unknown { get; private set; }

    /// <summary>Points that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Adds a point, or counts why not.</summary>
    public void Add(MetricPoint point)
    {
        if (Points.Count == PointsMax || point.Counts.Count != point.Bounds.Count + 1 || point.Counts.Count > BucketsMax || point.Counts.Any(c => c is < 0 or > int.MaxValue)
            || point.Bounds.Any(b => !double.IsFinite(b)) || point.Bounds.Zip(point.Bounds.Skip(1)).Any(b => b.First >= b.Second))
        {
            Refused++;
            return;
        }

        Points.Add(point);
    }

    /// <summary>Counts a metric that is not kept.</summary>
    public void Skip(string name)
    {
        Unknown++;
        if (_unknown.Count < NamesShown)
        {
            _unknown.Add(name);
        }
    }

    /// <summary>What was not kept, in words; null if all was.</summary>
    public string? Remark()
    {
        var parts = new[]
        {
            Refused == 0 ? null : $"{Refused} points refused: buckets and bounds do not go together, there are more than {BucketsMax} of them, or the request has more than {PointsMax} points",
            Unknown == 0 ? null : $"{Unknown} metrics are counted and not kept, such as {string.Join(", ", _unknown)}: kept are times of requests (http.server.request.duration, rpc.server.call.duration, messaging.process.duration and their older names) as histograms with buckets",
        };
        var text = string.Join("; ", parts.OfType<string>());
        return text.Length == 0 ? null : text + ".";
    }
}
