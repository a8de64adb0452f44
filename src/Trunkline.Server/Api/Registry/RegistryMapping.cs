using Microsoft.AspNetCore.Mvc;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Releases;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>Addresses of the registry: method, path, the scope a token needs, and what answers.</summary>
internal static class RegistryMapping
{
    public static void Get(this RouteGroupBuilder group, string path, Scopes scope, Func<RegistryRequest, IResult> answer) =>
        group.Map(HttpMethods.Get, path, scope, request => Task.FromResult(answer(request)));

    /// <summary>An address that is asked with a body, and stores nothing.</summary>
    public static void Ask(this RouteGroupBuilder group, string path, Func<RegistryRequest, Task<IResult>> answer) => group.Map(HttpMethods.Post, path, Scopes.Read, answer);

    /// <summary>An address that stores: what it did is an entry in the changes.</summary>
    public static void Store(this RouteGroupBuilder group, (string Method, string Path) at, Scopes scope, string what, Func<RegistryRequest, Task<IResult>> answer) => group.Map(
        at.Method,
        at.Path,
        scope,
        async request =>
        {
            var result = await answer(request);
            await request.RecordAsync(what);
            return result;
        });

    private static void Map(this RouteGroupBuilder group, string method, string path, Scopes scope, Func<RegistryRequest, Task<IResult>> answer) =>
        group.MapMethods(path, [method], (HttpContext http, [FromServices] SchemaRegistry registry, [FromServices] ProjectReleases releases) => answer(new(http, registry, releases.Changes))).Requires(scope);
}
