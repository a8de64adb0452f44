using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api;

/// <summary>The API describing itself: OpenAPI 3.1 at <c>/openapi/v1.json</c>, readable at <c>/docs</c>.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    private static readonly string[] PublishTypes =
        ["application/json", "application/x-ndjson", "application/cloudevents+json", "application/cloudevents-batch+json", "*/*"];

    public static void AddTo(IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Trunkline";
            document.Info.Version = Node.Version;
            document.Info.Description = "A node's API. Errors are problem+json (RFC 9457) with a stable code.";
            document.Servers = [];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.RelativePath == "api/v1/topics/{topic}/messages" && context.Description.HttpMethod == "POST")
            {
                DescribePublish(operation);
            }

            return Task.CompletedTask;
        });
    });

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").Requires(Scopes.Read);
        routes.MapGet("/docs", async (HttpContext context) =>
        {
            var document = await context.RequestServices.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync(context.RequestAborted);
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            return TypedResults.Content(DocumentPage.Render(document), "text/html; charset=utf-8");
        }).ExcludeFromDescription().Requires(Scopes.Read);
    }

    // Routing must not choose by content type here: the endpoint tells wrong ones apart with codes of its own.
    private static void DescribePublish(OpenApiOperation operation)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = PublishTypes.ToDictionary(t => t, _ => new OpenApiMediaType()),
        };
        operation.Parameters = [.. operation.Parameters ?? [], HeaderOf("Trunkline-Key", "Key of messages that bring none; percent-encoded UTF-8."),
            HeaderOf("Idempotency-Key", "Identity of plain JSON messages, 1 to 512 characters.")];
    }

    private static OpenApiParameter HeaderOf(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
