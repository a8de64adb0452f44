using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Sight.Suspects;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/flows/{flow}/why</c>: causes of slowness and failures, ranked by evidence.</summary>
internal static class WhyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/flows/{flow}/why", GetAsync)
        .WithName("getWhy").WithTags("sight")
        .WithSummary("Why a flow is slow or fails: causes ranked by evidence of the last minutes beside the day before, or that nothing stands out.")
        .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Ok<WhyView>> GetAsync(string flow, [FromServices] WhyReport report, Node node, CancellationToken cancellationToken) =>
        TypedResults.Ok(await report.LookAsync(node.Project.Flow(flow), node.Project, cancellationToken));
}
