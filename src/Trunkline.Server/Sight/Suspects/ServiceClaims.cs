using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>Messages that take longer at a place than the others, which take there what they always did.</summary>
/// <param name="Hop">The place: <c>model reply</c>.</param>
/// <param name="Name">What they have in common: <c>tenant</c>.</param>
/// <param name="Value">Its value.</param>
/// <param name="Takes">What half of them take at most, in seconds.</param>
/// <param name="OthersTake">What half of the others take at most.</param>
/// <param name="Part">Their part of what work there became more by.</param>
internal sealed record ServiceClaim(string Hop, string Name, string Value, double Takes, double OthersTake, double Part)
{
    /// <summary>How well having it and being slow go together.</summary>
    public required double Strength { get; init; }

    /// <summary>Id of one of them.</summary>
    public required string Example { get; init; }

    public double Ratio => OthersTake == 0 ? double.PositiveInfinity : Takes / OthersTake;
}

/// <summary>
/// Finds which messages take long at a place. How long a message is worked on says more than when it was done: all wait behind the slow ones, and are late alike.
/// </summary>
internal static class ServiceClaims
{
    private const double RatioMin = 2;
    private const double SecondsMin = 0.01;
    private const double StrengthMin = 0.3;
    private const double PartMin = 0.5;
    private const double OthersMax = 1.5;

    // Of many attributes some look odd by chance; whether what was found is new is asked once.
    private const double Sure = 4;
    private const double SureNew = 3;

    /// <summary>One for each place at most.</summary>
    /// <param name="seen">Messages of now and before.</param>
    /// <param name="usual">What was measured before, by place.</param>
    public static IReadOnlyList<ServiceClaim> Find(SeenMessages seen, HopSide usual)
    {
        var before = PlacesOf(seen.Before).ToDictionary(p => p.Key, p => SketchOf(p.Value), StringComparer.Ordinal);
        return
        [
            .. PlacesOf(seen.Now).Select(place => (place.Key, place.Value, Usual: UsualOf(place.Key, usual, before)))
                .Where(p => p.Usual.Total >= SuspectRanking.Least && p.Value.Count >= SuspectRanking.Least)
                .Select(p => Find(p.Key, p.Value, p.Usual)).OfType<ServiceClaim>().OrderByDescending(c => c.Takes - c.OthersTake),
        ];
    }

    // What a hop took is measured of all messages, what steps took without their models of those that are kept only.
    private static LatencySketch UsualOf(string hop, HopSide usual, Dictionary<string, LatencySketch> before) =>
        hop != HopSide.Steps && usual.Times.FirstOrDefault(t => t.Hop == hop) is { Times: { Total: >= SuspectRanking.Least } times } ? times
            : before.GetValueOrDefault(hop) ?? new LatencySketch();

    private static Dictionary<string, List<(SeenMessage Message, double Seconds)>> PlacesOf(IReadOnlyList<SeenMessage> messages) => messages
        .SelectMany(m => (m.Spent ?? []).Select(s => (s.Hop, Message: m, s.Seconds))).GroupBy(s => s.Hop, s => (s.Message, s.Seconds), StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);

    private static LatencySketch SketchOf(List<(SeenMessage Message, double Seconds)> times)
    {
        var sketch = new LatencySketch();
        times.ForEach(t => sketch.Add(t.Seconds));
        return sketch;
    }

    private static ServiceClaim? Find(string hop, List<(SeenMessage Message, double Seconds)> times, LatencySketch usual) => times
        .SelectMany(t => t.Message.Attributes).GroupBy(a => (a.Key, a.Value), (of, all) => (Of: of, Count: all.Count()))
        .Where(a => a.Count >= AttributeClaims.BadMin && times.Count - a.Count >= AttributeClaims.BadMin)
        .Select(a => Of(hop, a.Of, times, usual)).OfType<ServiceClaim>()
        .OrderByDescending(c => Math.Round(c.Strength, 2)).ThenByDescending(c => c.Name == "tenant").ThenBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Null unless these are clearly slower than the others of the same time, and the others are as they were.</summary>
    private static ServiceClaim? Of(string hop, (string Name, string Value) of, List<(SeenMessage Message, double Seconds)> times, LatencySketch usual)
    {
        bool has(SeenMessage message) => message.Attributes.TryGetValue(of.Name, out var value) && value == of.Value;
        var bound = Math.Sqrt(Median([.. times.Where(t => has(t.Message)).Select(t => t.Seconds)]) * Median([.. times.Where(t => !has(t.Message)).Select(t => t.Seconds)]));
        var slow = times.Where(t => has(t.Message) && t.Seconds > bound).ToList();
        if (slow.Count < AttributeClaims.BadMin)
        {
            return null;
        }

        // What is of its time only, as a revision is, goes with everything else that changed then.
        var (first, last) = (slow.Min(t => t.Message.At), slow.Max(t => t.Message.At));
        var beside = times.Where(t => t.Message.At >= first && t.Message.At <= last).ToLookup(t => has(t.Message), t => t.Seconds);
        double[] with = [.. beside[true].Order()], others = [.. beside[false].Order()];
        if (others.Length < AttributeClaims.BadMin || !IsClear(with, others, bound) || !IsNew(with, others, bound, usual))
        {
            return null;
        }

        var all = (with.Sum() + others.Sum()) / (with.Length + others.Length);
        var part = (all - others.Average()) / Math.Max(double.Epsilon, all - usual.Mean());
        return part < PartMin ? null : new ServiceClaim(hop, of.Name, of.Value, Median(with), Median(others), Math.Min(1, part))
        {
            Strength = AttributeClaims.Correlation((with.Count(s => s > bound), with.Length), (others.Count(s => s > bound), others.Length)),
            Example = slow[^1].Message.Id,
        };
    }

    private static bool IsClear(double[] with, double[] others, double bound)
    {
        var (slow, slowOthers) = (with.Count(s => s > bound), others.Count(s => s > bound));
        return Median(with) - Median(others) >= SecondsMin && Median(with) >= RatioMin * Median(others)
            && AttributeClaims.Correlation((slow, with.Length), (slowOthers, others.Length)) >= StrengthMin
            && AttributeClaims.Deviations((slow, with.Length), (slowOthers, others.Length)) >= Sure;
    }

    /// <summary>Whether so many were not so slow before, and the others take what was usual.</summary>
    private static bool IsNew(double[] with, double[] others, double bound, LatencySketch usual)
    {
        var (slow, all) = (with.Count(s => s > bound) + others.Count(s => s > bound), with.Length + others.Length);
        var (then, total) = (usual.Above(bound), usual.Total);
        var median = usual.Quantile(0.5)!.Value;
        return (double)slow / all >= RatioMin * then / total && AttributeClaims.Deviations((slow, all), (then, total)) >= SureNew
            && (Median(others) < OthersMax * median || Median(others) - median < SecondsMin);
    }

    private static double Median(double[] times)
    {
        Array.Sort(times);
        return times.Length == 0 ? 0 : times[times.Length / 2];
    }
}
