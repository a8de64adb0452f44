using System.Text.Json;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>Consumer version selectors: which versions' pacts a provider verifies.</summary>
internal static class PactSelection
{
    /// <summary>The pacts a selector means, with why; newest first, one a consumer where it speaks of the newest.</summary>
    public static IEnumerable<(Pact Pact, string Why)> Choose(PactBook book, IReadOnlyList<Pact> pacts, JsonElement selector, string? providerBranch)
    {
        var consumer = PactRequest.Text(selector, "consumer");
        var all = pacts.Where(one => consumer is null || one.Consumer == consumer).ToList();
        var branch = PactRequest.Flag(selector, "matchingBranch") ? providerBranch ?? throw new PactRefusal(400, "matchingBranch needs providerVersionBranch.") : PactRequest.Text(selector, "branch");
        if (branch is not null)
        {
            var found = Newest(OnBranch(book, all, branch), $"the latest of branch {branch}");
            return found.Count > 0 || PactRequest.Text(selector, "fallbackBranch") is not { } fallback ? found : Newest(OnBranch(book, all, fallback), $"the latest of branch {fallback}");
        }

        if (PactRequest.Flag(selector, "mainBranch"))
        {
            return Newest(all.Where(one => book.Pacticipant(one.Consumer)?.MainBranch is { } main && VersionOf(book, one)?.Branches.Contains(main) == true), "the latest of the main branch");
        }

        var (deployed, released) = (PactRequest.Flag(selector, "deployed"), PactRequest.Flag(selector, "released"));
        var environment = PactRequest.Text(selector, "environment");
        if (deployed || released || PactRequest.Flag(selector, "deployedOrReleased") || environment is not null)
        {
            var stays = book.Stays.Where(one => (deployed == released || one.Released == released) && book.Environment(one.Environment) is { } at && (environment is null || at.Name == environment))
                .Select(one => (one.Pacticipant, one.Version)).ToHashSet();
            return all.Where(one => stays.Contains((one.Consumer, one.ConsumerVersion))).Select(one => (one, environment is null ? "deployed or released" : $"in {environment}"));
        }

        var tag = PactRequest.Text(selector, "tag");
        var tagged = all.Where(one => tag is null || VersionOf(book, one)?.Tags.Contains(tag) == true);
        return tag is null || PactRequest.Flag(selector, "latest") ? Newest(tagged, tag is null ? "the latest" : $"the latest with tag {tag}") : tagged.Select(one => (one, $"tagged {tag}"));
    }

    private static PacticipantVersion? VersionOf(PactBook book, Pact pact) => book.Version(pact.Consumer, pact.ConsumerVersion);

    private static IEnumerable<Pact> OnBranch(PactBook book, IEnumerable<Pact> pacts, string branch) => pacts.Where(one => VersionOf(book, one)?.Branches.Contains(branch) == true);

    private static List<(Pact Pact, string Why)> Newest(IEnumerable<Pact> pacts, string why) => [.. pacts.DistinctBy(one => one.Consumer).Select(one => (one, why))];
}
