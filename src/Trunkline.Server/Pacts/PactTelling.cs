using System.Text.Json;
using System.Text.RegularExpressions;

namespace Trunkline.Server.Pacts;

/// <summary>Finds whom to tell of what happened, and what.</summary>
/// <param name="book">What is known, before it happened.</param>
/// <param name="address">Where clients find the broker.</param>
/// <param name="now">The time.</param>
internal sealed partial class PactTelling(PactBook book, string address, DateTimeOffset now)
{
    /// <summary>Deliveries that are kept, told or not; the oldest makes room.</summary>
    public const int PlacesMax = 500;

    private readonly List<PactDelivery> _found = [];

    /// <summary>What is to be told.</summary>
    public IReadOnlyList<PactDelivery> Found => _found;

    /// <summary>A pact was published by a version, which may be new.</summary>
    public void Published(Pact pact, PacticipantVersion version)
    {
        var values = Values(pact, version);
        Tell(PactHappening.Published, pact, values);
        if (Before(pact, version)?.Sha != pact.Sha)
        {
            Tell(PactHappening.ContentChanged, pact, values);
        }

        foreach (var provider in Unverified(pact))
        {
            Tell(PactHappening.RequiresVerification, pact, With(values, provider));
        }
    }

    /// <summary>A version of a provider was held to a content.</summary>
    public void Verified(Pact pact, PactVerification verification, PacticipantVersion provider)
    {
        var values = With(Values(pact, book.Version(pact.Consumer, pact.ConsumerVersion)), provider);
        values["pactbroker.verificationResultUrl"] = FormattableString.Invariant($"{Url(pact, "pact-version", pact.Sha)}/verification-results/{verification.Number}");
        values["pactbroker.githubVerificationStatus"] = verification.Success ? "success" : "failure";
        values["pactbroker.bitbucketVerificationStatus"] = verification.Success ? "SUCCESSFUL" : "FAILED";
        Tell(PactHappening.Verified, pact, values);
        Tell(verification.Success ? PactHappening.VerificationSucceeded : PactHappening.VerificationFailed, pact, values);
    }

    /// <summary>One webhook, whatever it waits for, with the newest pact it speaks of: to try it.</summary>
    public void Try(PactWebhook webhook)
    {
        var pact = book.Pacts.FirstOrDefault(one => Fits(webhook, one)) ?? throw PactRefusal.NotFound("A pact to try the webhook with");
        Add(webhook, "test", Values(pact, book.Version(pact.Consumer, pact.ConsumerVersion)));
    }

    private void Tell(string what, Pact pact, Dictionary<string, string> values)
    {
        foreach (var webhook in book.Webhooks.Where(one => one.Enabled && one.Events.Contains(what) && Fits(one, pact)))
        {
            Add(webhook, what, values);
        }
    }

    private void Add(PactWebhook webhook, string what, Dictionary<string, string> values)
    {
        values = new(values, StringComparer.Ordinal) { ["pactbroker.eventName"] = what };
        _found.Add(new PactDelivery(
            (book.NextPlace + _found.Count) % PlacesMax,
            webhook.Id,
            what,
            Place().Replace(webhook.Url, place => Uri.EscapeDataString(values.GetValueOrDefault(place.Groups[1].Value, ""))),
            webhook.Body is { } body ? Place().Replace(body, place => Escaped(values.GetValueOrDefault(place.Groups[1].Value, ""))) : null,
            now)
        { Id = Guid.NewGuid(), Due = now });
    }

    private static bool Fits(PactWebhook webhook, Pact pact) => (webhook.Consumer ?? pact.Consumer) == pact.Consumer && (webhook.Provider ?? pact.Provider) == pact.Provider;

    /// <summary>The pact of the same two that came before it, on the same branch if that is told.</summary>
    private Pact? Before(Pact pact, PacticipantVersion version) => book.Pacts.FirstOrDefault(one => one.Consumer == pact.Consumer && one.Provider == pact.Provider && one.ConsumerVersion != pact.ConsumerVersion
        && (version.Branches.Count == 0 || book.Version(one.Consumer, one.ConsumerVersion)?.Branches.Any(version.Branches.Contains) == true));

    /// <summary>The versions of the provider that matter and were not held to the content: its newest one of the main branch, and those in environments. Null stands for one nobody knows.</summary>
    private IEnumerable<PacticipantVersion?> Unverified(Pact pact)
    {
        var main = book.Pacticipant(pact.Provider)?.MainBranch;
        var newest = book.Versions(pact.Provider).FirstOrDefault(one => main is null || one.Branches.Contains(main));
        var there = book.Stays.Where(one => one.Pacticipant == pact.Provider).Select(one => book.Version(one.Pacticipant, one.Version));
        var matter = there.Prepend(newest).OfType<PacticipantVersion>().DistinctBy(one => one.Number).ToList();
        if (matter.Count == 0)
        {
            return [null];
        }

        var held = book.Verifications(pact.Sha).Where(one => one.Provider == pact.Provider).Select(one => one.ProviderVersion).ToHashSet(StringComparer.Ordinal);
        return matter.Where(one => !held.Contains(one.Number));
    }

    private Dictionary<string, string> Values(Pact pact, PacticipantVersion? consumer) => new(StringComparer.Ordinal)
    {
        ["pactbroker.consumerName"] = pact.Consumer,
        ["pactbroker.providerName"] = pact.Provider,
        ["pactbroker.consumerVersionNumber"] = pact.ConsumerVersion,
        ["pactbroker.consumerVersionBranch"] = consumer?.Branches is [.., var branch] ? branch : "",
        ["pactbroker.consumerVersionTags"] = string.Join(", ", consumer?.Tags ?? []),
        ["pactbroker.pactUrl"] = Url(pact, "pact-version", pact.Sha),
    };

    private static Dictionary<string, string> With(Dictionary<string, string> values, PacticipantVersion? provider) => new(values, StringComparer.Ordinal)
    {
        ["pactbroker.providerVersionNumber"] = provider?.Number ?? "",
        ["pactbroker.providerVersionBranch"] = provider?.Branches is [.., var branch] ? branch : "",
        ["pactbroker.providerVersionTags"] = string.Join(", ", provider?.Tags ?? []),
    };

    private string Url(Pact pact, string what, string which) =>
        $"{address}/pacts/provider/{Uri.EscapeDataString(pact.Provider)}/consumer/{Uri.EscapeDataString(pact.Consumer)}/{what}/{Uri.EscapeDataString(which)}";

    /// <summary>A value as it may stand in a text of JSON.</summary>
    private static string Escaped(string value) => JsonEncodedText.Encode(value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    [GeneratedRegex(@"\$\{(pactbroker\.[A-Za-z]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
