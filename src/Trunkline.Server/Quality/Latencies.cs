namespace Trunkline.Server.Quality;

/// <summary>Times in buckets that grow by an eighth of a power of two, so that a quantile is at most a tenth off. Bounded; not thread-safe.</summary>
internal sealed class Latencies
{
    private const int PerOctave = 8;
    private const double FirstMilliseconds = 0.01;
    private const int Buckets = 30 * PerOctave;

    private readonly long[] _counts = new long[Buckets];

    public long Count { get; private set; }

    public void Add(TimeSpan took)
    {
        var octaves = Math.Log2(Math.Max(took.TotalMilliseconds, FirstMilliseconds) / FirstMilliseconds);
        _counts[Math.Min((int)(octaves * PerOctave), Buckets - 1)]++;
        Count++;
    }

    /// <summary>The time that so many parts of all are not above, in milliseconds; null without any.</summary>
    public double? Quantile(double part)
    {
        var left = (long)Math.Ceiling(part * Count);
        for (var i = 0; i < Buckets && Count > 0; i++)
        {
            left -= _counts[i];
            if (left <= 0)
            {
                // The middle of the bucket.
                return FirstMilliseconds * Math.Pow(2, (i + 0.5) / PerOctave);
            }
        }

        return null;
    }
}
