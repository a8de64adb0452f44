namespace Trunkline.Server.Sight.Suspects;

/// <summary>An attribute that far more messages have than before.</summary>
/// <param name="Name">Its name: <c>tenant</c>.</param>
/// <param name="Value">Its value.</param>
/// <param name="Now">The share of the messages that have it.</param>
/// <param name="Before">The share that had it before.</param>
internal sealed record ArrivalClaim(string Name, string Value, double Now, double Before);

/// <summary>Finds whose messages it is that more come of.</summary>
internal static class ArrivalClaims
{
    private const double ShareMore = 0.2;
    private const double Times = 2;
    private const double PartMin = 0.5;
    private const double Sure = 4;

    /// <summary>The attribute whose share grew most; null if all came to have more alike.</summary>
    /// <param name="seen">Messages of now and before.</param>
    /// <param name="growth">How many times as many come as before: those with it have to be half of what came on top at least.</param>
    public static ArrivalClaim? Find(SeenMessages seen, double growth)
    {
        if (seen.Now.Count < SuspectRanking.Least || seen.Before.Count < SuspectRanking.Least)
        {
            return null;
        }

        var before = seen.Before.SelectMany(m => m.Attributes).GroupBy(a => a).ToDictionary(g => g.Key, g => g.Count());
        return seen.Now.SelectMany(m => m.Attributes).GroupBy(a => a, (of, all) => (Of: of, Now: all.Count(), Before: before.GetValueOrDefault(of)))
            .Where(a => AttributeClaims.Deviations((a.Now, seen.Now.Count), (a.Before, seen.Before.Count)) >= Sure)
            .Select(a => new ArrivalClaim(a.Of.Key, a.Of.Value, (double)a.Now / seen.Now.Count, (double)a.Before / seen.Before.Count))
            .Where(c => c.Now - c.Before >= ShareMore && c.Now >= Times * c.Before && (growth * c.Now) - c.Before >= PartMin * (growth - 1))
            .OrderByDescending(c => Math.Round(c.Now - c.Before, 2)).ThenByDescending(c => c.Name == "tenant").ThenBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault();
    }
}
