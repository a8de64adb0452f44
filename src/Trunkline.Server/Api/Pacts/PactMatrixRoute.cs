using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>The matrix of verified pairs, which "can I deploy" asks.</summary>
internal static class PactMatrixRoute
{
    private const int SelectorsMax = 100;

    public static void Map(RouteGroupBuilder group) => group.Pact("/matrix", Answer);

    private static IResult Answer(PactRequest request)
    {
        var (selected, ignored) = Read(request);
        var verdict = new PactMatrix(request.Book, selected, Target(request), ignored).Judge();
        var counted = verdict.Rows.Where(row => !row.Ignored).ToList();
        return PactAnswers.Hal(new JsonObject
        {
            ["summary"] = new JsonObject
            {
                ["deployable"] = verdict.Deployable,
                ["reason"] = string.Join("\n", verdict.Reasons),
                ["success"] = counted.Count(row => row.Success == true),
                ["failed"] = counted.Count(row => row.Success == false),
                ["unknown"] = counted.Count(row => row.Success is null),
            },
            ["notices"] = PactAnswers.List(verdict.Reasons.Select(reason => PactAnswers.Notice(verdict.Deployable ? "success" : "error", reason))),
            ["matrix"] = PactAnswers.List(verdict.Rows.Select(row => Row(request, row))),
        });
    }

    /// <summary>Selectors come as repeated keys: a new one begins with each pacticipant.</summary>
    private static (List<PactSelector> Selected, HashSet<string> Ignored) Read(PactRequest request)
    {
        var selected = new List<PactSelector>();
        var ignored = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in new QueryStringEnumerable(request.Http.QueryString.Value))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (name == "q[][pacticipant]" && selected.Count < SelectorsMax)
            {
                selected.Add(new PactSelector(value));
            }
            else if (name == "ignore[][pacticipant]")
            {
                ignored.Add(value);
            }
            else if (name.StartsWith("q[][", StringComparison.Ordinal) && selected.Count > 0)
            {
                selected[^1] = name switch
                {
                    "q[][version]" => selected[^1] with { Version = value },
                    "q[][branch]" => selected[^1] with { Branch = value },
                    "q[][tag]" => selected[^1] with { Tag = value },
                    "q[][environment]" => selected[^1] with { Environment = value },
                    "q[][mainBranch]" => selected[^1] with { MainBranch = value == "true" },
                    _ => selected[^1],
                };
            }
        }

        return selected.Count > 0 ? (selected, ignored) : throw new PactRefusal(400, "Name at least one pacticipant with q[][pacticipant].");
    }

    private static PactSelector? Target(PactRequest request)
    {
        var target = new PactSelector("") { Environment = request.Query("environment"), Tag = request.Query("tag"), MainBranch = request.Query("mainBranch") == "true" };
        return target == new PactSelector("") && request.Query("latest") != "true" ? null : target;
    }

    private static JsonObject Row(PactRequest request, PactMatrixRow row) => new()
    {
        ["consumer"] = Side(request, row.Pact.Consumer, request.Book.Version(row.Pact.Consumer, row.Pact.ConsumerVersion)),
        ["provider"] = Side(request, row.Pact.Provider, row.ProviderVersion),
        ["pact"] = new JsonObject { ["createdAt"] = PactAnswers.Time(row.Pact.CreatedAt), ["_links"] = new JsonObject { ["self"] = request.Links.Pact(row.Pact) } },
        ["verificationResult"] = row.Result is not { } result ? null : new JsonObject
        {
            ["success"] = result.Success,
            ["verifiedAt"] = PactAnswers.Time(result.VerifiedAt),
            ["_links"] = new JsonObject { ["self"] = request.Links.Result(row.Pact, result) },
        },
        ["ignored"] = row.Ignored,
    };

    private static JsonObject Side(PactRequest request, string name, PacticipantVersion? version) => new()
    {
        ["name"] = name,
        ["version"] = version is null ? null : new JsonObject
        {
            ["number"] = version.Number,
            ["branch"] = version.Branches.Count > 0 ? version.Branches[^1] : null,
            ["branches"] = PactAnswers.List(version.Branches.Select(one => new JsonObject { ["name"] = one, ["latest"] = true })),
            ["branchVersions"] = PactAnswers.List(version.Branches.Select(one => new JsonObject { ["name"] = one, ["latest"] = true })),
            ["environments"] = PactAnswers.List([]),
            ["tags"] = PactAnswers.List(version.Tags.Select(one => new JsonObject { ["name"] = one, ["latest"] = true })),
            ["_links"] = new JsonObject { ["self"] = request.Links.Version(name, version.Number) },
        },
        ["_links"] = new JsonObject { ["self"] = request.Links.Pacticipant(name) },
    };
}
