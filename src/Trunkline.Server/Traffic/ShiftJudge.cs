using System.Globalization;
using Trunkline.Server.Quality;
using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Traffic;

/// <summary>
/// Whether shares and ranges of a window differ from those of every window that was learned, beyond what chance gives. Some hundred fields are looked at for ever, so chances are held far
/// below one in a million each, and a difference must matter too. What was not steady while it was learned is not judged.
/// </summary>
internal static class ShiftJudge
{
    private const int LearnedMin = 100;
    private const int FewMin = 10;
    private const int SizesMin = 50;
    private const double DeviationsMin = 6;
    private const double DeviationsSteady = 4;
    private const double ShareShiftMin = 0.15;
    private const double ChanceMax = 1e-9;
    private const double ChanceSteady = 0.001;
    private const double DistanceMin = 0.3;

    /// <summary>What of a field shifted; null for nothing.</summary>
    public static DriftFinding? Judge(FieldNode node) => node.Learned.Present > 0 ? Nulls(node) ?? Presence(node) ?? Sizes(node) : null;

    private static DriftFinding? Nulls(FieldNode node)
    {
        var usual = node.Usual.Select(Nulls).ToList();
        return IsShift(usual, Nulls(node.Window))
            ? new(DriftKind.Nulls, node.Path, $"null in {Share(Nulls(node.Learned))}", $"null in {Share(Nulls(node.Window))}", node.Example)
            : null;
    }

    private static DriftFinding? Presence(FieldNode node)
    {
        if (node is not { IsRepeated: false, Parent: { IsMap: false } parent })
        {
            return null;
        }

        var usual = node.Usual.Zip(parent.Usual, (one, all) => (one.Present, Objects(all))).ToList();
        var now = (node.Window.Present, Objects(parent.Window));
        return IsShift(usual, now)
            ? new(DriftKind.Presence, node.Path, $"there in {Share((node.Learned.Present, Objects(parent.Learned)))}", $"there in {Share(now)}", node.Window.Present > 0 ? node.Example : "")
            : null;
    }

    private static DriftFinding? Sizes(FieldNode node)
    {
        var latest = Sorted(node.Window);
        var usual = node.Usual.Where(one => one.Sizes.Count >= SizesMin).Select(Sorted).ToList();
        if (latest.Length < SizesMin || usual.Count < 2 || !IsSteady(usual) || !usual.TrueForAll(one => IsOther(one, latest)))
        {
            return null;
        }

        var what = node.Learned.Of(FieldKinds.Text) > 0 ? "length" : "value";
        return new(DriftKind.Range, node.Path, $"{what} {Spread(Sorted(node.Learned))}", $"{what} {Spread(latest)}", node.Example);
    }

    private static bool IsOther(double[] usual, double[] latest)
    {
        var (distance, chance) = Drift.KolmogorovSmirnov(usual, latest);
        return distance >= DistanceMin && chance < ChanceMax;
    }

    /// <summary>Whether what came first and what came later is of one range; a clock and a counter are not.</summary>
    private static bool IsSteady(List<double[]> usual)
    {
        var half = usual.Count / 2;
        return Drift.KolmogorovSmirnov(Together(usual[..half]), Together(usual[half..])).Chance >= ChanceSteady;
    }

    private static double[] Sorted(FieldTally tally) => [.. tally.Sizes.Select(size => (double)size).Order()];

    private static double[] Together(IEnumerable<double[]> windows) => [.. windows.SelectMany(one => one).Order()];

    private static int Objects(FieldTally tally) => tally.Of(FieldKinds.Object);

    private static (int Count, int Of) Nulls(FieldTally tally) => (tally.Of(FieldKinds.Null), tally.Present);

    /// <summary>Whether a share is another than in every usual window, and was steady over them.</summary>
    private static bool IsShift(List<(int Count, int Of)> usual, (int Count, int Of) now)
    {
        var learned = Sum(usual);
        var half = usual.Count / 2;
        var (first, second) = (Sum(usual[..half]), Sum(usual[half..]));
        return learned.Of >= LearnedMin && now.Of >= FewMin
            && usual.TrueForAll(one => one.Of == 0 || Math.Abs(Part(now) - Part(one)) >= ShareShiftMin)
            && Deviations(learned, now) >= DeviationsMin
            && (first.Of == 0 || second.Of == 0 || Deviations(first, second) < DeviationsSteady);
    }

    private static (int Count, int Of) Sum(List<(int Count, int Of)> shares) => (shares.Sum(one => one.Count), shares.Sum(one => one.Of));

    private static double Part((int Count, int Of) share) => (double)share.Count / share.Of;

    /// <summary>How many standard deviations two shares are apart, if both are of one.</summary>
    private static double Deviations((int Count, int Of) a, (int Count, int Of) b)
    {
        var share = (double)(a.Count + b.Count) / (a.Of + b.Of);
        var variance = share * (1 - share) * ((1.0 / a.Of) + (1.0 / b.Of));
        return variance == 0 ? 0 : Math.Abs(Part(a) - Part(b)) / Math.Sqrt(variance);
    }

    private static string Share((int Count, int Of) share) => DriftJudge.Share(share.Count, share.Of);

    private static string Spread(double[] sorted) =>
        string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 20]:0.###} to {sorted[sorted.Length - 1 - (sorted.Length / 20)]:0.###}");
}
