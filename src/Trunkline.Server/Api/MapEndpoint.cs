using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Flows;
using Trunkline.Server.Hosting;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/map</c>: what runs, and what passes between.</summary>
internal static class MapEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/map", GetAsync)
        .WithName("getMap").WithTags("sight")
        .WithSummary("The map: topics, flows, models, sinks, dead letters and retries, with the figures of the last minutes on every hop.")
        .WithDescription("Queue wait stands apart from the time of work. Rates and times are over windowSeconds. A model several flows ask has its rate at the node only.")
        .Requires(Scopes.Read);

    private static async Task<Ok<MapView>> GetAsync(
        [FromServices] IBroker broker, [FromServices] FlowSupervisor flows, Node node, [FromServices] HopFigures figures, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(FlowMap.Of(await MapFacts.ReadAsync(broker, flows, node.Project, time, cancellationToken), new HopReading(figures)));
}
