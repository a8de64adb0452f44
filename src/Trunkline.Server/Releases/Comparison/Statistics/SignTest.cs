using MathNet.Numerics.Distributions;

namespace Trunkline.Server.Releases.Comparison.Statistics;

/// <summary>
/// The sign test over paired observations, exact: of the pairs that differ, how likely are so many in one direction if each direction
/// were as likely as the other? Over pairs of yes and no it is McNemar's test.
/// </summary>
internal static class SignTest
{
    /// <summary>The chance of at least <paramref name="more"/> pairs in this direction; 1 if there are none at all.</summary>
    public static double Greater(long more, long fewer)
    {
        var pairs = more + fewer;
        return more == 0 ? 1 : pairs > int.MaxValue ? throw new ArgumentOutOfRangeException(nameof(more)) : Binomial.CDF(0.5, (int)pairs, fewer);
    }

    /// <summary>The chance of a split as uneven as this one, in either direction.</summary>
    public static double TwoSided(long more, long fewer) => Math.Min(1, 2 * Greater(Math.Max(more, fewer), Math.Min(more, fewer)));
}
