namespace Trunkline.Server.Sight.Suspects;

/// <summary>An attribute that is over-represented among the bad ones of some messages.</summary>
/// <param name="Name">Its name: <c>tenant</c>.</param>
/// <param name="Value">Its value.</param>
/// <param name="BadWith">Bad ones that have it.</param>
/// <param name="Bad">All bad ones.</param>
/// <param name="With">All that have it.</param>
/// <param name="All">All messages.</param>
/// <param name="Strength">How well having it and being bad go together: 1 if each means the other, 0 if they have nothing to do with each other.</param>
/// <param name="Example">Id of the latest bad one that has it.</param>
internal sealed record AttributeClaim(string Name, string Value, int BadWith, int Bad, int With, int All, double Strength, string Example)
{
    public double ShareWith => (double)BadWith / With;

    public double ShareWithout => All == With ? 0 : (double)(Bad - BadWith) / (All - With);
}

/// <summary>Finds attributes that are over-represented among bad messages, and were not before.</summary>
internal static class AttributeClaims
{
    /// <summary>Bad messages a claim needs at least.</summary>
    public const int BadMin = 8;

    private const int ClaimsMax = 2;
    private const double CoverMin = 0.5;
    private const double TimesAsOften = 3;
    private const double StrengthMin = 0.3;

    // Of many attributes some look odd by chance: one has to be odder than one in about 30,000.
    private const double Sure = 4;

    /// <summary>The strongest first.</summary>
    /// <param name="now">The messages.</param>
    /// <param name="before">Messages of the time before; an attribute that went with bad ones then too says nothing of now.</param>
    /// <param name="isBad">What is bad.</param>
    public static IReadOnlyList<AttributeClaim> Find(IReadOnlyList<SeenMessage> now, IReadOnlyList<SeenMessage> before, Func<SeenMessage, bool> isBad)
    {
        var bad = now.Count(isBad);
        if (bad < BadMin || bad == now.Count)
        {
            return [];
        }

        var usual = Tally(before, isBad);
        return
        [
            .. Tally(now, isBad).Select(t => Claim(t.Key, t.Value, bad, now.Count))
                .Where(claim => IsClear(claim) && !WasSo(claim, usual, before.Count))
                .OrderByDescending(claim => claim.Strength).ThenByDescending(claim => claim.Name == "tenant").ThenBy(claim => claim.Name, StringComparer.Ordinal).Take(ClaimsMax),
        ];
    }

    /// <summary>How many standard deviations two shares lie apart. One more of each kind stands on both sides: none of few is not never.</summary>
    public static double Deviations((long Part, long All) a, (long Part, long All) b)
    {
        var (n, m) = (a.All + 2.0, b.All + 2.0);
        var (p, q) = ((a.Part + 1) / n, (b.Part + 1) / m);
        return (p - q) / Math.Sqrt((p * (1 - p) / n) + (q * (1 - q) / m));
    }

    /// <summary>How well having something and being bad go together: 1 if each means the other, 0 if they have nothing to do with each other.</summary>
    public static double Correlation((long Bad, long All) with, (long Bad, long All) others)
    {
        double n11 = with.Bad, n10 = with.All - with.Bad, n01 = others.Bad, n00 = others.All - others.Bad;
        var spread = Math.Sqrt((n11 + n10) * (n01 + n00) * (n11 + n01) * (n10 + n00));
        return spread == 0 ? 0 : ((n11 * n00) - (n10 * n01)) / spread;
    }

    private static bool IsClear(AttributeClaim claim) =>
        claim.BadWith >= CoverMin * claim.Bad && claim.With < claim.All && claim.Strength >= StrengthMin && claim.ShareWith >= TimesAsOften * claim.ShareWithout
        && Deviations((claim.BadWith, claim.With), (claim.Bad - claim.BadWith, claim.All - claim.With)) >= Sure;

    /// <summary>Whether at least half as many of those with it were bad before.</summary>
    private static bool WasSo(AttributeClaim claim, Dictionary<(string Name, string Value), (int Bad, int All, string Example)> usual, int all) =>
        all > 0 && usual.TryGetValue((claim.Name, claim.Value), out var then) && then.All >= BadMin && 2.0 * then.Bad / then.All >= claim.ShareWith;

    private static Dictionary<(string Name, string Value), (int Bad, int All, string Example)> Tally(IReadOnlyList<SeenMessage> messages, Func<SeenMessage, bool> isBad)
    {
        var tally = new Dictionary<(string Name, string Value), (int Bad, int All, string Example)>();
        foreach (var message in messages)
        {
            var bad = isBad(message);
            foreach (var (name, value) in message.Attributes)
            {
                var (badWith, with, example) = tally.GetValueOrDefault((name, value));
                tally[(name, value)] = (badWith + (bad ? 1 : 0), with + 1, bad ? message.Id : example);
            }
        }

        return tally;
    }

    private static AttributeClaim Claim((string Name, string Value) attribute, (int Bad, int All, string Example) of, int bad, int all) =>
        new(attribute.Name, attribute.Value, of.Bad, bad, of.All, all, Correlation((of.Bad, of.All), (bad - of.Bad, all - of.All)), of.Example ?? "");
}
