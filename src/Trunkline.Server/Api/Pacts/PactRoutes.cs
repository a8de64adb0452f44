using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Pacts;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Api.Pacts;

/// <summary>The API of the Pact Broker, so that Pact's libraries and command line work unchanged. Its contract is theirs, so it is not in our API document.</summary>
internal static class PactRoutes
{
    private const int RequestBytesMax = 20_000_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(PactAnswers.Path);
        group.AddEndpointFilter(PactAnswers.FilterAsync).WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).ExcludeFromDescription();
        group.Pact(HttpMethods.Get, "/", Scopes.Read, request => Task.FromResult(Index(request)));
        PactPublishing.Map(group);
        PactVerifying.Map(group);
        PactVersions.Map(group);
        PactEnvironments.Map(group);
        PactMatrixRoute.Map(group);
        PactWebhooks.Map(group);
    }

    /// <summary>Maps an address: what a token needs, and what answers.</summary>
    public static void Pact(this RouteGroupBuilder group, string method, string path, Scopes scope, Func<PactRequest, Task<IResult>> answer) =>
        group.MapMethods(path, [method], (HttpContext http, [FromServices] PactBroker broker) => answer(new(http, broker))).Requires(scope);

    /// <summary>Maps an address that operates the broker: what it did is an entry in the changes. What builds publish and verify is not: that is what is kept here.</summary>
    public static void Operate(this RouteGroupBuilder group, (string Method, string Path) at, Scopes scope, string what, Func<PactRequest, Task<IResult>> answer) =>
        group.MapMethods(at.Path, [at.Method], async (HttpContext http, [FromServices] PactBroker broker, [FromServices] ProjectReleases releases) =>
        {
            var result = await answer(new(http, broker));
            await http.RecordAsync(releases.Changes, what, $"{http.Request.PathBase}{http.Request.Path}");
            return result;
        }).Requires(scope);

    /// <summary>Maps an address that only reads.</summary>
    public static void Pact(this RouteGroupBuilder group, string path, Func<PactRequest, IResult> answer) =>
        group.Pact(HttpMethods.Get, path, Scopes.Read, request => Task.FromResult(answer(request)));

    private static IResult Index(PactRequest request)
    {
        var links = request.Links;
        return PactAnswers.Hal(new JsonObject
        {
            ["_links"] = new JsonObject
            {
                ["self"] = links.To(""),
                ["pb:publish-pact"] = links.To("/pacts/provider/{provider}/consumer/{consumer}/version/{consumerApplicationVersion}"),
                ["pb:publish-contracts"] = links.To("/contracts/publish"),
                ["pb:latest-pact-versions"] = links.To("/pacts/latest"),
                ["pb:latest-provider-pacts"] = links.To("/pacts/provider/{provider}/latest"),
                ["pb:provider-pacts-for-verification"] = links.To("/pacts/provider/{provider}/for-verification"),
                ["pb:pacticipants"] = links.To("/pacticipants"),
                ["pb:pacticipant"] = links.To("/pacticipants/{pacticipant}"),
                ["pb:pacticipant-version"] = links.To("/pacticipants/{pacticipant}/versions/{version}"),
                ["pb:pacticipant-version-tag"] = links.To("/pacticipants/{pacticipant}/versions/{version}/tags/{tag}"),
                ["pb:pacticipant-branch-version"] = links.To("/pacticipants/{pacticipant}/branches/{branch}/versions/{version}"),
                ["pb:webhooks"] = links.To("/webhooks"),
                ["pb:webhook"] = links.To("/webhooks/{uuid}"),
                ["pb:environments"] = links.To("/environments"),
                ["pb:environment"] = links.To("/environments/{environment}"),
            },
        });
    }
}
