using System.Globalization;
using Trunkline.Client.Api;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>
/// Finds what may be why a flow is slow or fails, in all that is known of it: what hops changed, then of which messages that is. Where it is those of one tenant,
/// say, that take longer at a model, they are the cause and the model the place; that others wait behind them is no suspect then.
/// </summary>
internal static class SuspectFinder
{
    private const double ServiceScore = 75;
    private const double LoadTimes = 2;

    /// <summary>The suspects, the likeliest first, and the look that shows them; none if nothing stands out.</summary>
    public static (WhyLook Look, IReadOnlyList<SuspectView> Suspects) Find(WhyFacts facts)
    {
        WhyLook[] looks = [facts.Whole, facts.Moment];
        var found = looks.Select(look => (Look: look, Suspects: Hops(facts, look, facts.Seen.Since(look.From)))).Where(f => f.Suspects.Count > 0).ToList();

        // Of what began just now the last minutes may show no more than that messages wait.
        var best = found.FindIndex(f => f.Suspects[0].Kind != "waiting");
        return found.Count > 0 ? found[Math.Max(0, best)] : (facts.Whole, AttributeSuspects.Alone(facts.Seen, facts.Flow.Name, facts.Flow.Slo?.Within));
    }

    private static List<SuspectView> Hops(WhyFacts facts, WhyLook look, SeenMessages seen)
    {
        var claims = look.Usual is { } usual ? ServiceClaims.Find(seen, usual) : [];
        var ranked = SuspectRanking.Rank(look.Now, look.Usual, facts.Snapshot, null).Where(s => !IsBySlow(s, claims, look)).ToList();
        var merged = claims.Select(c => Slow(c, ranked.Find(s => s.Hop == c.Hop && s.Kind == "slower")))
            .Concat(ranked.Where(s => s.Kind != "slower" || claims.All(c => c.Hop != s.Hop)).Select(s => Filled(More(s, seen, look), look)))
            .OrderByDescending(s => s.Score).ToList();
        return AttributeSuspects.Add(merged, seen, facts.Flow.Name, facts.Flow.Slo?.Within);
    }

    /// <summary>Whether it is no more than what slow messages bring about.</summary>
    private static bool IsBySlow(SuspectView suspect, IReadOnlyList<ServiceClaim> claims, WhyLook look) => suspect.Kind switch
    {
        "waiting" => claims.Count > 0,
        "load" => claims.Any(c => c.Ratio >= LoadTimes * look.Now.PerSecond / look.Usual!.PerSecond),
        _ => false,
    };

    private static SuspectView Slow(ServiceClaim claim, SuspectView? hop) => new(claim.Hop, "slower", hop?.Score ?? (ServiceScore + (10 * claim.Strength)),
    [
        new EvidenceView(
            string.Create(CultureInfo.InvariantCulture, $"half of the messages that have {claim.Name} {claim.Value} take {Readable.Seconds(claim.Takes)} there or more, {claim.Ratio:0.#} times as long as the others, which take {Readable.Seconds(claim.OthersTake)}, as they did before"),
            claim.Name == "key" ? $"/journey?by=key&value={Uri.EscapeDataString(claim.Value)}" : $"/journey?by=id&value={Uri.EscapeDataString(claim.Example)}"),
        new EvidenceView(string.Create(CultureInfo.InvariantCulture, $"they are {claim.Part * 100:0} % of what work there became more by"), "/map"),
        .. hop?.Evidence ?? [],
    ])
    {
        Messages = $"{claim.Name} {claim.Value}",
    };

    /// <summary>Whose messages it is that more come of, and that wait.</summary>
    private static SuspectView More(SuspectView suspect, SeenMessages seen, WhyLook look)
    {
        if (suspect.Kind is not ("load" or "waiting") || suspect.Hop.StartsWith(HopSide.Room(""), StringComparison.Ordinal)
            || ArrivalClaims.Find(seen, suspect.Kind == "load" ? look.Now.PerSecond!.Value / look.Usual!.PerSecond!.Value : 1) is not { } claim)
        {
            return suspect;
        }

        var says = string.Create(CultureInfo.InvariantCulture, $"{claim.Now * 100:0} % of the messages have {claim.Name} {claim.Value}; {claim.Before * 100:0.#} % had it before");
        return suspect with { Messages = $"{claim.Name} {claim.Value}", Evidence = [.. suspect.Evidence, new EvidenceView(says, "/outcomes")] };
    }

    /// <summary>Who else asks a model there is no room at.</summary>
    private static SuspectView Filled(SuspectView suspect, WhyLook look)
    {
        if (!look.Now.Questions.TryGetValue(suspect.Hop, out var now) || look.Usual?.Questions.GetValueOrDefault(suspect.Hop) is not { } before)
        {
            return suspect;
        }

        var evidence = suspect.Evidence.ToList();
        if (now.OverBudget > 0)
        {
            evidence.Add(new EvidenceView(string.Create(CultureInfo.InvariantCulture, $"{now.OverBudget} times a question found no room in a budget of the model; {before.OverBudget} times in the time before"), "/models"));
        }

        var filler = now.FilledBy(look.Now.Seconds, before, look.Usual!.Seconds);
        if (filler is { } flow)
        {
            evidence.Add(new EvidenceView(string.Create(
                CultureInfo.InvariantCulture, $"flow {flow} asks {100.0 * now.Others[flow] / now.All:0} % of the questions there; {100.0 * before.Others.GetValueOrDefault(flow) / before.All:0} % before"), $"/map?find={Uri.EscapeDataString(flow)}"));
        }

        return suspect with { Evidence = evidence, Messages = filler is null ? suspect.Messages : $"flow {filler}" };
    }
}
