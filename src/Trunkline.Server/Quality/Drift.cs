namespace Trunkline.Server.Quality;

/// <summary>
/// Whether values come from the distribution they came from at first: the first <see cref="Sample"/> of them against the latest. Bounded; not thread-safe.
/// </summary>
/// <remarks>
/// Two tests must agree, since each alone cries wolf: the population stability index over the tenths of the first values, 0.2 being where its users act, and the
/// two-sample test of Kolmogorov and Smirnov at one in a hundred.
/// </remarks>
internal sealed class Drift
{
    /// <summary>Values compared with each other, of each side.</summary>
    public const int Sample = 500;

    private const int Bins = 10;
    private const double PsiMin = 0.2;
    private const double ChanceMax = 0.01;

    private readonly double[] _first = new double[Sample];
    private readonly double[] _latest = new double[Sample];

    /// <summary>All values seen.</summary>
    public long Count { get; private set; }

    public void Add(double value)
    {
        if (Count < Sample)
        {
            _first[Count] = value;
        }
        else
        {
            _latest[(Count - Sample) % Sample] = value;
        }

        Count++;
    }

    /// <summary>The verdict; null while there are not twice <see cref="Sample"/> values.</summary>
    public DriftVerdict? Judge()
    {
        if (Count < 2 * Sample)
        {
            return null;
        }

        var (first, latest) = (_first.Order().ToArray(), _latest.Order().ToArray());
        var psi = Psi(first, latest);
        var (distance, chance) = KolmogorovSmirnov(first, latest);
        return new DriftVerdict(psi >= PsiMin && chance < ChanceMax, psi, distance, chance);
    }

    /// <summary>The population stability index over the tenths of the first sample; both are sorted. A bin nobody is in counts as half a value.</summary>
    public static double Psi(double[] first, double[] latest)
    {
        var edges = Enumerable.Range(1, Bins - 1).Select(i => first[i * first.Length / Bins]).Distinct().ToArray();
        return PsiOfShares(Shares(first, edges), Shares(latest, edges));
    }

    /// <summary>Σ (b − a) ln(b ÷ a).</summary>
    public static double PsiOfShares(IReadOnlyList<double> first, IReadOnlyList<double> latest) =>
        first.Zip(latest, static (a, b) => (b - a) * Math.Log(b / a)).Sum();

    /// <summary>The greatest distance of the two cumulative distributions, and how likely one at least as great is by chance alone; both are sorted.</summary>
    public static (double Distance, double Chance) KolmogorovSmirnov(double[] first, double[] latest)
    {
        var (i, j, distance) = (0, 0, 0.0);
        while (i < first.Length && j < latest.Length)
        {
            var at = Math.Min(first[i], latest[j]);
            for (; i < first.Length && first[i] == at; i++)
            {
            }

            for (; j < latest.Length && latest[j] == at; j++)
            {
            }

            distance = Math.Max(distance, Math.Abs(((double)i / first.Length) - ((double)j / latest.Length)));
        }

        var root = Math.Sqrt((double)first.Length * latest.Length / (first.Length + latest.Length));
        return (distance, Chance((root + 0.12 + (0.11 / root)) * distance));
    }

    /// <summary>Kolmogorov's distribution: 2 Σ (−1)^(k−1) e^(−2k²x²).</summary>
    public static double Chance(double x)
    {
        if (x < 0.2)
        {
            // The series converges slowly there; what it converges to is 1 to ten digits.
            return 1;
        }

        var sum = 0.0;
        for (var k = 1; k <= 100; k++)
        {
            sum += (k % 2 == 1 ? 2 : -2) * Math.Exp(-2.0 * k * k * x * x);
        }

        return Math.Clamp(sum, 0, 1);
    }

    private static double[] Shares(double[] values, double[] edges)
    {
        var counts = new double[edges.Length + 1];
        foreach (var value in values)
        {
            var at = Array.BinarySearch(edges, value);

            // An edge belongs to the bin below it, so that values above the only one there was are apart from it.
            counts[at >= 0 ? at : ~at]++;
        }

        return [.. counts.Select(count => Math.Max(count, 0.5) / values.Length)];
    }
}

/// <summary>What a comparison of values tells.</summary>
/// <param name="Drifts">True if both tests see a change.</param>
/// <param name="Psi">Population stability index.</param>
/// <param name="Distance">Distance of Kolmogorov and Smirnov, 0 to 1.</param>
/// <param name="Chance">How likely such a distance is by chance alone.</param>
internal readonly record struct DriftVerdict(bool Drifts, double Psi, double Distance, double Chance);
