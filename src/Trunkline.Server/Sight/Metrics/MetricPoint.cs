namespace Trunkline.Server.Sight.Metrics;

/// <summary>A point of a histogram of a service: how many of its requests took how long.</summary>
/// <param name="Service">The service.</param>
/// <param name="Series">Stands for the process and the attributes: points of one series follow each other.</param>
/// <param name="Kind">What is measured: <c>http</c>, <c>rpc</c> or <c>messaging</c>.</param>
/// <param name="IsFailed">Whether these failed.</param>
internal sealed record MetricPoint(string Service, UInt128 Series, string Kind, bool IsFailed)
{
    /// <summary>Whether it counts since the point before it; else since <see cref="Start"/>.</summary>
    public bool IsDelta { get; init; }

    /// <summary>Since when it counts, in nanoseconds since 1970.</summary>
    public ulong Start { get; init; }

    /// <summary>Upper bounds of the buckets in seconds; the last bucket has none.</summary>
    public IReadOnlyList<double> Bounds { get; init; } = [];

    /// <summary>How many are in each bucket.</summary>
    public IReadOnlyList<long> Counts { get; init; } = [];
}
