using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Catalog;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api;

/// <summary>What runs on the node, as documents: the catalog, AsyncAPI and OpenAPI.</summary>
internal static class CatalogEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/docs/catalog.json", CatalogAsync).WithName("catalog").WithTags("contracts").WithSummary("Topics, flows, schemas, owners and promises of the project in force.")
            .WithDescription("Examples are the newest messages, masked: of texts and numbers only the shape is left.").Requires(Scopes.Read);
        routes.MapGet("/api/v1/docs/asyncapi.json", AsyncApiAsync).WithName("asyncapi").WithTags("contracts").WithSummary("The same as an AsyncAPI 3 document.").Requires(Scopes.Read);
        routes.MapGet("/api/v1/docs/openapi.json", OpenApiAsync).WithName("openapi").WithTags("contracts")
            .WithSummary("What the project takes and gives over HTTP, as an OpenAPI 3.1 document; the node's own API is at /openapi/v1.json.").Requires(Scopes.Read);
    }

    private static async Task<Ok<CatalogView>> CatalogAsync(HttpContext context, Node node, [FromServices] NodeCatalog catalog) => TypedResults.Ok(await ViewAsync(context, node, catalog));

    private static async Task<Ok<JsonObject>> AsyncApiAsync(HttpContext context, Node node, [FromServices] NodeCatalog catalog) =>
        TypedResults.Ok(AsyncApi.Of(await ViewAsync(context, node, catalog)));

    private static async Task<Ok<JsonObject>> OpenApiAsync(HttpContext context, Node node, [FromServices] NodeCatalog catalog) =>
        TypedResults.Ok(OpenApi.Of(await ViewAsync(context, node, catalog)));

    // The address whoever asks used is one that others can use too; the host was checked before.
    private static Task<CatalogView> ViewAsync(HttpContext context, Node node, NodeCatalog catalog) =>
        catalog.ReadAsync(node.Project, node.Revision, new Uri($"{context.Request.Scheme}://{context.Request.Host}"), context.RequestAborted);
}
