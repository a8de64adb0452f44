namespace Trunkline.Server.Sight.Figures;

/// <summary>
/// Times in buckets that each are 2 % wider than the one before, from 10 µs to about two hours; a quantile is off by 1 % at most. Sketches add up.
/// Adding is thread-safe; reading while others add may miss the latest.
/// </summary>
internal sealed class LatencySketch
{
    private const double Growth = 1.02;
    private const double Least = 1e-5;
    private const int Buckets = 1030;

    private static readonly double LogGrowth = Math.Log(Growth);
    private readonly int[] _counts = new int[Buckets];

    /// <summary>Adds a time in seconds.</summary>
    public void Add(double seconds) => Interlocked.Increment(ref _counts[BucketOf(seconds)]);

    /// <summary>Adds what another has.</summary>
    public void Add(LatencySketch other)
    {
        for (var i = 0; i < Buckets; i++)
        {
            _counts[i] += Volatile.Read(ref other._counts[i]);
        }
    }

    /// <summary>The time a share of all did not exceed, in seconds; null without any.</summary>
    /// <param name="share">Above 0 up to 1.</param>
    public double? Quantile(double share)
    {
        var total = _counts.Sum(c => (long)c);
        var rank = (long)Math.Ceiling(share * total);
        var seen = 0L;
        for (var i = 0; i < Buckets && total > 0; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return i == 0 ? Least : Least * Math.Pow(Growth, i - 0.5);
            }
        }

        return null;
    }

    private static int BucketOf(double seconds) =>
        seconds > Least ? Math.Min((int)Math.Ceiling(Math.Log(seconds / Least) / LogGrowth), Buckets - 1) : 0;
}
