using System.Globalization;
using Trunkline.Client.Api;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>
/// Adds to suspects which messages it is: attributes over-represented among those that fail or are slow. Where no hop stands out, because too few messages
/// are bad to show in its figures, such an attribute is a suspect of its own.
/// </summary>
internal static class AttributeSuspects
{
    private const double SlowTimes = 3;
    private const double FailingScore = 50;
    private const double SlowerScore = 40;
    private const double OthersMore = 0.02;
    private const double OthersSure = 3;
    private static readonly TimeSpan SlowMin = TimeSpan.FromMilliseconds(50);

    /// <summary>The suspects, with what was found.</summary>
    /// <param name="suspects">What figures of hops say, the likeliest first.</param>
    /// <param name="seen">Messages of now and before.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="within">How long a message may take; null for any time.</param>
    public static List<SuspectView> Add(IReadOnlyList<SuspectView> suspects, SeenMessages seen, string flow, TimeSpan? within) =>
        [.. suspects.Select((suspect, place) => WithAttributes(suspect, place, seen, flow, within))];

    /// <summary>Where no hop stands out: what failed or slow messages have in common.</summary>
    public static List<SuspectView> Alone(SeenMessages seen, string flow, TimeSpan? within) => [.. Failing(seen, flow).Concat(Slower(seen, flow, within)).OrderByDescending(s => s.Score)];

    private static SuspectView WithAttributes(SuspectView suspect, int place, SeenMessages seen, string flow, TimeSpan? within)
    {
        // What all hops take together says only of the first which messages it makes slow.
        var evidence = suspect.Kind == "failing" ? FailingClaims(seen, HopOf(suspect), flow)
            : place == 0 && suspect.Kind != "stopped" && suspect.Messages is null ? SlowClaims(seen, flow, within) : [];
        return evidence.Count == 0 ? suspect : suspect with
        {
            Evidence = [.. suspect.Evidence, .. evidence.Select(e => e.Evidence)],
            Messages = suspect.Messages ?? (suspect.Kind == "failing" && OthersAreAsBefore(seen, HopOf(suspect), evidence[0].Claim) ? evidence[0].Of : null),
        };
    }

    /// <summary>Whether no more of those without it fail than did before, so that it is about these only.</summary>
    private static bool OthersAreAsBefore(SeenMessages seen, string hop, AttributeClaim claim)
    {
        var (others, before) = ((Bad: claim.Bad - claim.BadWith, All: claim.All - claim.With), (Bad: seen.Before.Count(m => m.FailedAt == hop), All: seen.Before.Count));
        return ((double)others.Bad / others.All) - (before.All == 0 ? 0 : (double)before.Bad / before.All) < OthersMore || AttributeClaims.Deviations(others, before) < OthersSure;
    }

    private static IEnumerable<SuspectView> Failing(SeenMessages seen, string flow)
    {
        foreach (var hop in seen.Now.Select(m => m.FailedAt).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (FailingClaims(seen, hop, flow) is [var first, ..] claims)
            {
                var cause = seen.Now.Where(m => m.FailedAt == hop).GroupBy(m => m.Cause ?? "", StringComparer.Ordinal).MaxBy(g => g.Count())!;
                yield return new SuspectView(hop == HopSide.Steps ? hop : HopSide.Sink(hop), "failing", FailingScore + first.Claim.Strength,
                [
                    .. claims.Select(c => c.Evidence),
                    .. cause.Key.Length == 0 ? Array.Empty<EvidenceView>() : [new EvidenceView(string.Create(CultureInfo.InvariantCulture, $"most often: {cause.Key} ({cause.Count()})"), Dead(flow, "cause", cause.Key))],
                ])
                {
                    Messages = first.Of,
                };
            }
        }
    }

    private static IEnumerable<SuspectView> Slower(SeenMessages seen, string flow, TimeSpan? within) =>
        SlowClaims(seen, flow, within) is [var first, ..] claims ? [new SuspectView(first.Of, "slower", SlowerScore + first.Claim.Strength, [.. claims.Select(c => c.Evidence)])] : [];

    private static List<ToldClaim> FailingClaims(SeenMessages seen, string hop, string flow) =>
        [.. AttributeClaims.Find(seen.Now, seen.Before, m => m.FailedAt == hop).Select(c => Told(c, "failed or were tried again", flow, isFailing: true))];

    /// <summary>Slow is what breaks the promise, else what takes several times as long as half of the messages did.</summary>
    private static List<ToldClaim> SlowClaims(SeenMessages seen, string flow, TimeSpan? within)
    {
        foreach (var bound in new[] { within, Usual(seen) }.OfType<TimeSpan>())
        {
            if (AttributeClaims.Find(seen.Now, seen.Before, m => m.Took > bound) is { Count: > 0 } claims)
            {
                return [.. claims.Select(c => Told(c, $"took longer than {Readable.Seconds(bound.TotalSeconds)}", flow, isFailing: false))];
            }
        }

        return [];
    }

    private static TimeSpan? Usual(SeenMessages seen)
    {
        var times = (seen.Before.Count >= SuspectRanking.Least ? seen.Before : seen.Now).Select(m => m.Took).Order().ToList();
        return times.Count < SuspectRanking.Least ? null : TimeSpan.FromTicks(Math.Max(SlowMin.Ticks, (long)(SlowTimes * times[times.Count / 2].Ticks)));
    }

    private static ToldClaim Told(AttributeClaim claim, string how, string flow, bool isFailing) => new(
        claim,
        new EvidenceView(
            string.Create(CultureInfo.InvariantCulture, $"{claim.BadWith} of {claim.Bad} messages that {how} have {claim.Name} {claim.Value}: {claim.ShareWith * 100:0.#} % of those with it, {claim.ShareWithout * 100:0.#} % of the others"),
            claim switch
            {
                { Name: "tenant" } when isFailing => Dead(flow, "tenant", claim.Value),
                { Name: "key" } => Journey("key", claim.Value),
                _ => Journey("id", claim.Example),
            }));

    private static string HopOf(SuspectView suspect) => suspect.Hop.StartsWith("sink ", StringComparison.Ordinal) ? suspect.Hop["sink ".Length..] : HopSide.Steps;

    private static string Dead(string flow, string by, string value) => $"/dead?flow={Uri.EscapeDataString(flow)}&{by}={Uri.EscapeDataString(value)}";

    private static string Journey(string by, string value) => $"/journey?by={by}&value={Uri.EscapeDataString(value)}";

    private sealed record ToldClaim(AttributeClaim Claim, EvidenceView Evidence)
    {
        public string Of => $"{Claim.Name} {Claim.Value}";
    }
}
