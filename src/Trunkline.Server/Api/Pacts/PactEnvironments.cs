using System.Text.Json.Nodes;
using Trunkline.Core.Security;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>Environments, and which versions are in them.</summary>
internal static class PactEnvironments
{
    public static void Map(RouteGroupBuilder group)
    {
        group.Pact("/environments", List);
        group.Operate((HttpMethods.Post, "/environments"), Scopes.Operate, "add-pact-environment", CreateAsync);
        group.Pact("/environments/{id}", request => PactAnswers.Hal(Environment(request, request.Book.Environment(request.Id("id")) ?? throw PactRefusal.NotFound("The environment"))));
        group.Operate((HttpMethods.Delete, "/environments/{id}"), Scopes.Operate, "remove-pact-environment", DeleteAsync);
        foreach (var (path, released, now, change) in (ReadOnlySpan<(string, bool, string, string)>)[("deployed-versions", false, "currently-deployed", "currentlyDeployed"), ("released-versions", true, "currently-supported", "currentlySupported")])
        {
            group.Operate((HttpMethods.Post, "/pacticipants/{pacticipant}/versions/{version}/" + path + "/environment/{id}"), Scopes.Publish, released ? "pact-released" : "pact-deployed", request => CameAsync(request, released));
            group.Pact("/environments/{id}/" + path + "/" + now, request => Present(request, released));
            group.Operate((HttpMethods.Patch, "/" + path + "/{id}"), Scopes.Publish, released ? "pact-unsupported" : "pact-undeployed", request => WentAsync(request, change));
        }
    }

    private static IResult List(PactRequest request) => PactAnswers.Hal(new JsonObject
    {
        ["_embedded"] = new JsonObject { ["environments"] = PactAnswers.List(request.Book.Environments.Select(one => Environment(request, one))) },
        ["_links"] = new JsonObject { ["self"] = request.Links.To("/environments"), ["pb:environments"] = PactAnswers.List(request.Book.Environments.Select(request.Links.Environment)) },
    });

    private static async Task<IResult> CreateAsync(PactRequest request)
    {
        var body = await request.BodyAsync();
        var environment = await request.Broker.EnvironmentAsync(PactRequest.Needed(body, "name"), PactRequest.Text(body, "displayName"), PactRequest.Flag(body, "production"), request.Aborted);
        return PactAnswers.Hal(Environment(request, environment), StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(PactRequest request)
    {
        await request.Broker.DeleteEnvironmentAsync(request.Id("id"), request.Aborted);
        return Results.NoContent();
    }

    private static async Task<IResult> CameAsync(PactRequest request, bool released)
    {
        var body = await request.BodyAsync();
        var instance = PactRequest.Text(body, "applicationInstance") ?? PactRequest.Text(body, "target");
        return PactAnswers.Hal(Stay(request, await request.Broker.CameAsync(request.Id("id"), request.Route("pacticipant"), request.Route("version"), released, instance, request.Aborted)), StatusCodes.Status201Created);
    }

    private static async Task<IResult> WentAsync(PactRequest request, string change)
    {
        var body = await request.BodyAsync();
        return body.TryGetProperty(change, out var stays) && stays.ValueKind == System.Text.Json.JsonValueKind.False
            ? PactAnswers.Hal(Stay(request, await request.Broker.WentAsync(request.Id("id"), request.Aborted)))
            : throw new PactRefusal(400, $"'{change}' can be set to false.");
    }

    private static IResult Present(PactRequest request, bool released)
    {
        var stays = request.Book.Stays.Where(one => one.Environment == request.Id("id") && one.Released == released && (request.Query("pacticipant") is not { } name || one.Pacticipant == name));
        return PactAnswers.Hal(new JsonObject { ["_embedded"] = new JsonObject { [released ? "releasedVersions" : "deployedVersions"] = PactAnswers.List(stays.Select(one => Stay(request, one))) } });
    }

    private static JsonObject Stay(PactRequest request, PactStay stay) => new()
    {
        ["uuid"] = stay.Id.ToString("D"),
        [stay.Released ? "currentlySupported" : "currentlyDeployed"] = !stay.Ended,
        ["applicationInstance"] = stay.Instance,
        ["createdAt"] = PactAnswers.Time(stay.CreatedAt),
        ["_embedded"] = new JsonObject
        {
            ["pacticipant"] = new JsonObject { ["name"] = stay.Pacticipant },
            ["version"] = new JsonObject { ["number"] = stay.Version },
            ["environment"] = request.Book.Environment(stay.Environment) is { } environment ? Environment(request, environment) : null,
        },
        ["_links"] = new JsonObject { ["self"] = request.Links.To(FormattableString.Invariant($"/{(stay.Released ? "released" : "deployed")}-versions/{stay.Id:D}")) },
    };

    private static JsonObject Environment(PactRequest request, PactEnvironment environment)
    {
        var path = FormattableString.Invariant($"/environments/{environment.Id:D}");
        return new JsonObject
        {
            ["uuid"] = environment.Id.ToString("D"),
            ["name"] = environment.Name,
            ["displayName"] = environment.DisplayName,
            ["production"] = environment.Production,
            ["createdAt"] = PactAnswers.Time(environment.CreatedAt),
            ["updatedAt"] = PactAnswers.Time(environment.CreatedAt),
            ["_links"] = new JsonObject
            {
                ["self"] = request.Links.Environment(environment),
                ["pb:environments"] = request.Links.To("/environments"),
                ["pb:currently-deployed-deployed-versions"] = request.Links.To($"{path}/deployed-versions/currently-deployed"),
                ["pb:currently-deployed-versions"] = request.Links.To($"{path}/deployed-versions/currently-deployed"),
                ["pb:currently-supported-released-versions"] = request.Links.To($"{path}/released-versions/currently-supported"),
            },
        };
    }
}
