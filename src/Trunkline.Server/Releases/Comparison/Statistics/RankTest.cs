using MathNet.Numerics.Distributions;

namespace Trunkline.Server.Releases.Comparison.Statistics;

/// <summary>The test of Mann and Whitney over two samples that are not paired, by its normal approximation with the correction for ties.</summary>
internal static class RankTest
{
    /// <summary>The chance of samples as far apart as these if both were drawn alike; good from about 20 each.</summary>
    public static double TwoSided(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        var all = first.Select(value => (Value: value, First: true)).Concat(second.Select(value => (Value: value, First: false)))
            .OrderBy(pair => pair.Value).ToArray();
        double ranks = 0, ties = 0;
        for (var from = 0; from < all.Length;)
        {
            var to = from;
            while (to < all.Length && all[to].Value.Equals(all[from].Value))
            {
                to++;
            }

            double same = to - from;
            ranks += all[from..to].Count(pair => pair.First) * (from + to + 1) / 2.0;
            ties += (same * same * same) - same;
            from = to;
        }

        double n = first.Count, m = second.Count, total = n + m;
        var u = ranks - (n * (n + 1) / 2);
        var variance = n * m / 12 * (total + 1 - (ties / (total * (total - 1))));
        return variance <= 0 ? 1 : 2 * Normal.CDF(0, 1, -Math.Abs(u - (n * m / 2)) / Math.Sqrt(variance));
    }
}
