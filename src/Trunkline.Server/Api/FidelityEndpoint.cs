using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/fidelity</c>: the share of messages delivered once, in order, in time, by the intended model.</summary>
internal static class FidelityEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/fidelity", GetAsync)
        .WithName("getFidelity").WithTags("outcomes")
        .WithSummary("The share of messages delivered once, in order, in time, by the intended model; per flow and tenant.")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task<Ok<FidelityList>> GetAsync(
        [FromServices] OutcomeViews views, Node node, TimeProvider time, CancellationToken cancellationToken, string? flow = null, string since = "24h")
    {
        var until = time.GetUtcNow();
        var from = OutcomeShapes.Since(since, until);
        var counts = await views.CountAsync(flow, from, cancellationToken);
        if (flow is not null && counts.Count == 0 && !node.Project.Flows.ContainsKey(flow))
        {
            throw Lookups.NoOutcomes(flow);
        }

        return TypedResults.Ok(new FidelityList(from, until, [.. counts.Select(one => View(one.Key, one.Value, node))]));
    }

    private static FlowFidelity View(string flow, IReadOnlyDictionary<string, FidelityBucket> tenants, Node node)
    {
        var all = new FidelityBucket();
        foreach (var bucket in tenants.Values)
        {
            all.Add(bucket);
        }

        return new FlowFidelity(
            flow,
            node.Project.Flows.GetValueOrDefault(flow)?.Slo?.Within?.TotalMilliseconds,
            Figures(all),
            tenants is { Count: 1 } && tenants.ContainsKey("") ? [] : [.. tenants.Select(tenant => new TenantFidelity(tenant.Key, Figures(tenant.Value)))]);
    }

    private static FidelityFigures Figures(FidelityBucket bucket) => new()
    {
        Due = bucket.Due,
        Filtered = bucket.Filtered,
        NotDelivered = bucket.NotDelivered,
        Doubled = bucket.Doubled,
        OutOfOrder = bucket.OutOfOrder,
        Late = bucket.Late,
        Degraded = bucket.Degraded,
        Fidelity = Share(bucket, bucket.Faulty),
        Delivered = Share(bucket, bucket.NotDelivered),
        Once = Share(bucket, bucket.Doubled),
        InOrder = Share(bucket, bucket.OutOfOrder),
        InTime = Share(bucket, bucket.Late),
        Intended = Share(bucket, bucket.Degraded),
    };

    private static double? Share(FidelityBucket bucket, long faulty) => bucket.Due == 0 ? null : 1 - ((double)faulty / bucket.Due);
}
