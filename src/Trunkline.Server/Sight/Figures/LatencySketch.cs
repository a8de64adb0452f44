namespace Trunkline.Server.Sight.Figures;

/// <summary>
/// Times in buckets that each are 2 % wider than the one before, from 10 µs to about two hours; a quantile is off by 1 % at most. Sketches add up.
/// Adding is thread-safe; reading while others add may miss the latest.
/// </summary>
internal sealed class LatencySketch
{
    /// <summary>Buckets that are kept as one: a quantile of what was kept is off by 5 % at most.</summary>
    public const int GroupSize = 5;

    private const double Growth = 1.02;
    private const double Least = 1e-5;
    private const int Buckets = 1030;

    /// <summary>Groups there are.</summary>
    public const int Groups = (Buckets + GroupSize - 1) / GroupSize;

    private static readonly double LogGrowth = Math.Log(Growth);
    private readonly int[] _counts;

    /// <summary>An empty one, to add to.</summary>
    public LatencySketch() => _counts = new int[Buckets];

    private LatencySketch(int[] counts) => _counts = counts;

    /// <summary>The one without times, that takes none: a map asks for hundreds of which nothing was measured.</summary>
    public static LatencySketch None { get; } = new([]);

    /// <summary>How many times it has.</summary>
    public long Total
    {
        get
        {
            var total = 0L;
            foreach (var count in _counts)
            {
                total += count;
            }

            return total;
        }
    }

    /// <summary>Adds a time in seconds.</summary>
    public void Add(double seconds) => Interlocked.Increment(ref _counts[BucketOf(seconds)]);

    /// <summary>Adds so many times of about so many seconds.</summary>
    public void Add(double seconds, int count) => Interlocked.Add(ref _counts[BucketOf(seconds)], count);

    /// <summary>Adds what another has. A bucket holds two thousand million at most, and stays there.</summary>
    public void Add(LatencySketch other)
    {
        for (var i = 0; i < other._counts.Length; i++)
        {
            _counts[i] = Sum(_counts[i], Volatile.Read(ref other._counts[i]));
        }
    }

    /// <summary>The groups that have any, with how many, in order.</summary>
    public IEnumerable<(int Group, int Count)> Filled()
    {
        for (var group = 0; group < Groups; group++)
        {
            var sum = 0;
            for (var i = group * GroupSize; i < Math.Min(_counts.Length, (group + 1) * GroupSize); i++)
            {
                sum = Sum(sum, _counts[i]);
            }

            if (sum > 0)
            {
                yield return (group, sum);
            }
        }
    }

    /// <summary>Adds what <see cref="Filled"/> gave, to the middle of the group.</summary>
    public void Fill(int group, int count)
    {
        var middle = Math.Min((group * GroupSize) + (GroupSize / 2), Buckets - 1);
        _counts[middle] = Sum(_counts[middle], count);
    }

    /// <summary>The time a share of all did not exceed, in seconds; null without any.</summary>
    /// <param name="share">Above 0 up to 1.</param>
    public double? Quantile(double share) => Quantiles(share)[0];

    /// <summary>Several of them at one look.</summary>
    /// <param name="shares">Above 0 up to 1, the smaller first.</param>
    public double?[] Quantiles(params ReadOnlySpan<double> shares)
    {
        var found = new double?[shares.Length];
        var total = Total;
        var (seen, at) = (0L, 0);
        for (var i = 0; i < _counts.Length && at < shares.Length && total > 0; i++)
        {
            seen += _counts[i];
            for (; at < shares.Length && seen >= (long)Math.Ceiling(shares[at] * total); at++)
            {
                found[at] = i == 0 ? Least : Least * Math.Pow(Growth, i - 0.5);
            }
        }

        return found;
    }

    /// <summary>The mean, in seconds; 0 without any.</summary>
    public double Mean()
    {
        var (total, sum) = (0L, 0.0);
        for (var i = 0; i < Buckets; i++)
        {
            total += _counts[i];
            sum += _counts[i] * (i == 0 ? Least : Least * Math.Pow(Growth, i - 0.5));
        }

        return total == 0 ? 0 : sum / total;
    }

    /// <summary>How many exceed a time, a bucket more or less.</summary>
    public long Above(double seconds)
    {
        var above = 0L;
        for (var i = BucketOf(seconds) + 1; i < _counts.Length; i++)
        {
            above += _counts[i];
        }

        return above;
    }

    private static int Sum(int a, int b) => (int)Math.Min((long)a + b, int.MaxValue);

    private static int BucketOf(double seconds) =>
        seconds > Least ? Math.Min((int)Math.Ceiling(Math.Log(seconds / Least) / LogGrowth), Buckets - 1) : 0;
}
