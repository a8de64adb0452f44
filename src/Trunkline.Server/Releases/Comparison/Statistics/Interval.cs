using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using Trunkline.Client.Api;

namespace Trunkline.Server.Releases.Comparison.Statistics;

/// <summary>How sure a number is.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct Interval(double Low, double High)
{
    private const int Resamples = 500;

    /// <summary>The exact 95 % interval of a share (Clopper and Pearson); 0 to 1 where nothing was seen.</summary>
    public static ShareView OfShare(long count, long of) => of == 0
        ? new ShareView(0, 0, 1)
        : new ShareView(
            (double)count / of,
            count == 0 ? 0 : Beta.InvCDF(count, of - count + 1, 0.025),
            count == of ? 1 : Beta.InvCDF(count + 1, of - count, 0.975));

    /// <summary>
    /// The bootstrap interval of a figure over observations: drawn again with replacement, always by the same seed, so that the same
    /// observations give the same interval.
    /// </summary>
    /// <param name="count">How many observations there are; at least 1.</param>
    /// <param name="figure">The figure over the drawn indices.</param>
    /// <param name="level">Such as 0.95.</param>
    public static Interval Bootstrap(int count, Func<int[], double> figure, double level) => Bootstrap((count, 0), (drawn, _) => figure(drawn), level);

    /// <summary>The same over two samples that are not paired.</summary>
    /// <param name="counts">How many observations each has.</param>
    /// <param name="figure">The figure over the drawn indices of both.</param>
    /// <param name="level">Such as 0.95.</param>
    public static Interval Bootstrap((int First, int Second) counts, Func<int[], int[], double> figure, double level)
    {
        var random = new Random(7919);
        var (first, second) = (new int[counts.First], new int[counts.Second]);
        var figures = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            Draw(random, first);
            Draw(random, second);
            figures[i] = figure(first, second);
        }

        Array.Sort(figures);
        var outside = (1 - level) / 2;
        return new Interval(SortedArrayStatistics.Quantile(figures, outside), SortedArrayStatistics.Quantile(figures, 1 - outside));
    }

    /// <summary>The median of the values at these indices.</summary>
    public static double Median(double[] values, int[] indices)
    {
        var picked = new double[indices.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            picked[i] = values[indices[i]];
        }

        return ArrayStatistics.MedianInplace(picked);
    }

    /// <summary>Quantiles from 0 % to 100 % in steps of 5.</summary>
    public static double[] Quantiles(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return [.. Enumerable.Range(0, 21).Select(i => SortedArrayStatistics.Quantile(sorted, i / 20.0))];
    }

    private static void Draw(Random random, int[] into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = random.Next(into.Length);
        }
    }
}
