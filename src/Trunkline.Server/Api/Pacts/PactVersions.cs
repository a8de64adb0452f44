using System.Text.Json.Nodes;
using Trunkline.Core.Security;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>Pacticipants, their versions, branches and tags.</summary>
internal static class PactVersions
{
    public static void Map(RouteGroupBuilder group)
    {
        group.Pact("/pacticipants", List);
        group.Pact(HttpMethods.Post, "/pacticipants", Scopes.Publish, async request => await SetAsync(request, null));
        group.Pact("/pacticipants/{pacticipant}", request => PactAnswers.Hal(Pacticipant(request, request.Route("pacticipant"))));
        foreach (var method in (string[])[HttpMethods.Put, HttpMethods.Patch])
        {
            group.Pact(method, "/pacticipants/{pacticipant}", Scopes.Publish, async request => await SetAsync(request, request.Route("pacticipant")));
        }

        group.Pact("/pacticipants/{pacticipant}/versions/{version}", request => PactAnswers.Hal(Version(request, Find(request))));
        group.Pact(HttpMethods.Put, "/pacticipants/{pacticipant}/versions/{version}", Scopes.Publish, request => PutAsync(request, null, []));
        group.Pact(HttpMethods.Put, "/pacticipants/{pacticipant}/branches/{branch}/versions/{version}", Scopes.Publish, request => PutAsync(request, request.Route("branch"), []));
        group.Pact(HttpMethods.Put, "/pacticipants/{pacticipant}/versions/{version}/tags/{tag}", Scopes.Publish, request => PutAsync(request, null, [request.Route("tag")]));
    }

    private static IResult List(PactRequest request) => PactAnswers.Hal(new JsonObject
    {
        ["_embedded"] = new JsonObject { ["pacticipants"] = PactAnswers.List(request.Book.Pacticipants.Select(one => Pacticipant(request, one.Name))) },
        ["_links"] = new JsonObject { ["self"] = request.Links.To("/pacticipants"), ["pb:pacticipants"] = PactAnswers.List(request.Book.Pacticipants.Select(one => request.Links.Pacticipant(one.Name))) },
    });

    private static async Task<IResult> SetAsync(PactRequest request, string? name)
    {
        var body = await request.BodyAsync();
        var pacticipant = await request.Broker.PacticipantAsync(name ?? PactRequest.Needed(body, "name"), PactRequest.Text(body, "mainBranch"), request.Aborted);
        return PactAnswers.Hal(Pacticipant(request, pacticipant.Name), name is null ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> PutAsync(PactRequest request, string? branch, IReadOnlyList<string> tags) =>
        PactAnswers.Hal(Version(request, await request.Broker.VersionAsync(request.Route("pacticipant"), request.Route("version"), branch, tags, request.Aborted)), StatusCodes.Status201Created);

    private static PacticipantVersion Find(PactRequest request) =>
        request.Book.Version(request.Route("pacticipant"), request.Route("version")) ?? throw PactRefusal.NotFound($"Version {request.Route("version")} of {request.Route("pacticipant")}");

    /// <summary>A pacticipant as the broker shows it.</summary>
    public static JsonObject Pacticipant(PactRequest request, string name)
    {
        var pacticipant = request.Book.Pacticipant(name) ?? throw PactRefusal.NotFound($"Pacticipant {name}");
        var path = $"/pacticipants/{PactLinks.Escape(name)}";
        return new JsonObject
        {
            ["name"] = name,
            ["displayName"] = name,
            ["mainBranch"] = pacticipant.MainBranch,
            ["createdAt"] = PactAnswers.Time(pacticipant.CreatedAt),
            ["updatedAt"] = PactAnswers.Time(pacticipant.CreatedAt),
            ["_links"] = new JsonObject
            {
                ["self"] = request.Links.Pacticipant(name),
                ["pb:version"] = request.Links.To(path + "/versions/{version}"),
                ["pb:version-tag"] = request.Links.To(path + "/versions/{version}/tags/{tag}"),
                ["pb:branch-version"] = request.Links.To(path + "/branches/{branch}/versions/{version}"),
            },
        };
    }

    /// <summary>A version as the broker shows it, with where it can be recorded to be.</summary>
    public static JsonObject Version(PactRequest request, PacticipantVersion version)
    {
        var path = $"/pacticipants/{PactLinks.Escape(version.Pacticipant)}/versions/{PactLinks.Escape(version.Number)}";
        JsonArray Into(string kind) => PactAnswers.List(request.Book.Environments.Select(one => request.Links.To(FormattableString.Invariant($"{path}/{kind}/environment/{one.Id:D}"), one.Name)));
        return new JsonObject
        {
            ["number"] = version.Number,
            ["createdAt"] = PactAnswers.Time(version.CreatedAt),
            ["_embedded"] = new JsonObject
            {
                ["branchVersions"] = PactAnswers.List(version.Branches.Select(one => new JsonObject { ["name"] = one })),
                ["tags"] = PactAnswers.List(version.Tags.Select(one => new JsonObject { ["name"] = one })),
            },
            ["_links"] = new JsonObject
            {
                ["self"] = request.Links.Version(version.Pacticipant, version.Number),
                ["pb:pacticipant"] = request.Links.Pacticipant(version.Pacticipant),
                ["pb:record-deployment"] = Into("deployed-versions"),
                ["pb:record-release"] = Into("released-versions"),
            },
        };
    }
}
