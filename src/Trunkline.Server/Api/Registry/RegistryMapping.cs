using Microsoft.AspNetCore.Mvc;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Api.Registry;

/// <summary>Addresses of the registry: method, path, the scope a token needs, and what answers.</summary>
internal static class RegistryMapping
{
    public static void Get(this RouteGroupBuilder group, string path, Scopes scope, Func<RegistryRequest, IResult> answer) =>
        group.Map(HttpMethods.Get, path, scope, request => Task.FromResult(answer(request)));

    public static void Post(this RouteGroupBuilder group, string path, Scopes scope, Func<RegistryRequest, Task<IResult>> answer) => group.Map(HttpMethods.Post, path, scope, answer);

    public static void Put(this RouteGroupBuilder group, string path, Scopes scope, Func<RegistryRequest, Task<IResult>> answer) => group.Map(HttpMethods.Put, path, scope, answer);

    public static void Delete(this RouteGroupBuilder group, string path, Scopes scope, Func<RegistryRequest, Task<IResult>> answer) => group.Map(HttpMethods.Delete, path, scope, answer);

    private static void Map(this RouteGroupBuilder group, string method, string path, Scopes scope, Func<RegistryRequest, Task<IResult>> answer) =>
        group.MapMethods(path, [method], (HttpContext http, [FromServices] SchemaRegistry registry) => answer(new(http, registry))).Requires(scope);
}
