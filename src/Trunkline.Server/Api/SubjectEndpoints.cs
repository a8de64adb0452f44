using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Catalog;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api;

/// <summary>Subjects with who uses them, and what changed between their versions. Registering and all else is done at <c>/registry</c>.</summary>
internal static class SubjectEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/contracts/subjects", ListAsync).WithName("listSubjects").WithTags("contracts").WithSummary("Subjects of the registry, with topics and readers.").Requires(Scopes.Read);
        routes.MapGet("/api/v1/contracts/subject", ShowAsync).WithName("showSubject").WithTags("contracts").WithSummary("A subject: versions, the fields that changed between two of them, and who uses it.")
            .WithDescription("from is the older version, by default the one before; to the newer, by default the newest.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
    }

    private static async Task<Ok<SubjectList>> ListAsync(Node node, [FromServices] SubjectCatalog catalog, CancellationToken cancellationToken) =>
        TypedResults.Ok(new SubjectList(await catalog.ListAsync(node.Project, cancellationToken)));

    private static async Task<Ok<SubjectView>> ShowAsync(string name, Node node, [FromServices] SubjectCatalog catalog, CancellationToken cancellationToken, int? from = null, int? to = null) =>
        TypedResults.Ok(await catalog.FindAsync(name, (from, to), node.Project, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.RequestNotFound, from is null && to is null ? $"There is no subject '{name}'." : $"There is no subject '{name}' with these versions."));
}
