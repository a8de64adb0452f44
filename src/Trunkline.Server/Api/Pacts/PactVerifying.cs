using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Core.Security;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>Which pacts a provider has to verify, and what came of it.</summary>
internal static class PactVerifying
{
    private const string Results = "/pacts/provider/{provider}/consumer/{consumer}/pact-version/{sha}/verification-results";

    public static void Map(RouteGroupBuilder group)
    {
        group.Pact(HttpMethods.Post, "/pacts/provider/{provider}/for-verification", Scopes.Read, async request => Choose(request, await request.BodyAsync()));
        group.Pact("/pacts/provider/{provider}/for-verification", request => Choose(request, default));
        group.Pact(HttpMethods.Post, Results, Scopes.Publish, RecordAsync);
        group.Pact(Results + "/{number}", ShowResult);
    }

    private static IResult Choose(PactRequest request, JsonElement body)
    {
        var provider = request.Route("provider");
        var branch = PactRequest.Text(body, "providerVersionBranch");
        var all = request.Book.Pacts.Where(one => one.Provider == provider).ToList();
        List<JsonElement> selectors = body.ValueKind == JsonValueKind.Object ? [.. PactRequest.Items(body, "consumerVersionSelectors")] : [];
        var chosen = selectors.Count == 0
            ? all.DistinctBy(one => one.Consumer).Select(one => (Pact: one, Why: "the latest of its consumer"))
            : selectors.SelectMany(selector => PactSelection.Choose(request.Book, all, selector, branch));
        var pacts = chosen.GroupBy(one => one.Pact.Sha, StringComparer.Ordinal).Select(same => (same.First().Pact, Why: string.Join(", ", same.Select(one => one.Why).Distinct()))).ToList();
        var pending = PactRequest.Flag(body, "includePendingStatus");
        var asked = pacts.Select(one => Chosen(request, one.Pact, one.Why, pending ? IsPending(request.Book, one.Pact, branch) : null, false)).ToList();
        var underWay = UnderWay(request.Book, all, PactRequest.Text(body, "includeWipPactsSince"), branch).Where(one => pacts.All(known => known.Pact.Sha != one.Pact.Sha))
            .Select(one => Chosen(request, one.Pact, one.Why, true, true));
        return PactAnswers.Hal(new JsonObject
        {
            ["_embedded"] = new JsonObject { ["pacts"] = PactAnswers.List(asked.Concat(underWay)) },
            ["_links"] = new JsonObject { ["self"] = request.Links.To($"/pacts/provider/{PactLinks.Escape(provider)}/for-verification") },
        });
    }

    /// <summary>The newest pact of each branch since a day that the provider has not kept yet, asked for or not: work in progress.</summary>
    private static IEnumerable<(Pact Pact, string Why)> UnderWay(PactBook book, IReadOnlyList<Pact> all, string? since, string? branch)
    {
        if (since is null)
        {
            return [];
        }

        if (!DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from))
        {
            throw new PactRefusal(400, "'includeWipPactsSince' is a date, such as 2026-01-31.");
        }

        return all.Where(one => one.CreatedAt >= from).SelectMany(one => book.Version(one.Consumer, one.ConsumerVersion)?.Branches.Select(of => (Pact: one, Branch: of)) ?? [])
            .DistinctBy(one => (one.Pact.Consumer, one.Branch)).Where(one => IsPending(book, one.Pact, branch)).DistinctBy(one => one.Pact.Sha)
            .Select(one => (one.Pact, $"work in progress on branch {one.Branch}"));
    }

    /// <summary>True until the provider has verified it once on its branch: a failure must not break its build before.</summary>
    private static bool IsPending(PactBook book, Pact pact, string? branch) => !book.Verifications(pact.Sha)
        .Any(one => one.Success && (branch is null || book.Version(one.Provider, one.ProviderVersion)?.Branches.Contains(branch) == true));

    private static JsonObject Chosen(PactRequest request, Pact pact, string why, bool? pending, bool isUnderWay)
    {
        var properties = new JsonObject { ["notices"] = PactAnswers.List([new JsonObject { ["when"] = "before_verification", ["text"] = $"The pact of {pact.Consumer} {pact.ConsumerVersion} is verified as it is {why}." }]) };
        if (pending is { } set)
        {
            properties["pending"] = set;
        }

        if (isUnderWay)
        {
            properties["wip"] = true;
        }

        var self = request.Links.To(PactLinks.Content(pact), $"Pact between {pact.Consumer} ({pact.ConsumerVersion}) and {pact.Provider}");
        return new JsonObject { ["shortDescription"] = why, ["verificationProperties"] = properties, ["_links"] = new JsonObject { ["self"] = self } };
    }

    private static async Task<IResult> RecordAsync(PactRequest request)
    {
        var body = await request.BodyAsync();
        if (!body.TryGetProperty("success", out var success) || success.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            throw new PactRefusal(400, "'success' is true or false.");
        }

        var told = new PactResult(request.Route("sha"), request.Route("provider"), PactRequest.Needed(body, "providerApplicationVersion"), success.GetBoolean())
        {
            BuildUrl = PactRequest.Text(body, "buildUrl"),
            Address = request.Links.Base,
        };
        var result = await request.Broker.VerifiedAsync(told, request.Aborted);
        return PactAnswers.Hal(Result(request, result), StatusCodes.Status201Created);
    }

    private static IResult ShowResult(PactRequest request)
    {
        var all = request.Book.Verifications(request.Route("sha")).Where(one => one.Provider == request.Route("provider"));
        var result = request.Route("number") == "latest" ? all.FirstOrDefault()
            : int.TryParse(request.Route("number"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? all.FirstOrDefault(one => one.Number == number) : null;
        return PactAnswers.Hal(Result(request, result ?? throw PactRefusal.NotFound("The verification result")));
    }

    private static JsonObject Result(PactRequest request, PactVerification result)
    {
        var pact = request.Book.Pacts.First(one => one.Sha == result.Sha);
        return new JsonObject
        {
            ["success"] = result.Success,
            ["providerApplicationVersion"] = result.ProviderVersion,
            ["verifiedAt"] = PactAnswers.Time(result.VerifiedAt),
            ["buildUrl"] = result.BuildUrl,
            ["_links"] = new JsonObject
            {
                ["self"] = request.Links.Result(pact, result),
                ["pb:pact-version"] = request.Links.To(PactLinks.Content(pact), pact.Sha),
                ["pb:provider-version"] = request.Links.Version(result.Provider, result.ProviderVersion),
            },
        };
    }
}
