using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Hosting;
using Trunkline.Server.Sight.Alerts;

namespace Trunkline.Server.Api;

/// <summary>Probes, open to everyone who shows a known Host, and what the node is.</summary>
internal static class HealthEndpoints
{
    private const string Appends = "appends";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", Live).WithName("live").WithTags("health").WithSummary("Answers while the process serves.").Requires(Scopes.None);
        routes.MapGet("/health/ready", ReadyAsync).WithName("ready").WithTags("health").WithSummary("200 when the node can take and process messages, else 503; degraded is a node that can be read and takes nothing, such as one whose disk is full.")
            .Requires(Scopes.None);
        routes.MapGet("/api/v1/node", DescribeAsync).WithName("describeNode").WithTags("health").WithSummary("What this node is, and how many alerts are on.").Requires(Scopes.Read);
    }

    private static Ok<HealthView> Live() => TypedResults.Ok(new HealthView("live", Node.Version, []));

    private static async Task<Results<Ok<HealthView>, JsonHttpResult<HealthView>>> ReadyAsync(Node node, IBroker broker, CancellationToken cancellationToken)
    {
        HealthCheckView[] others = [await CheckBrokerAsync(broker, cancellationToken), .. await node.CheckAsync(cancellationToken)];
        var appends = new HealthCheckView(Appends, broker.Refusal is null, broker.Refusal?.Message);
        HealthCheckView[] checks = [.. others, appends];
        var status = node.Phase != NodePhase.Ready ? node.Phase.ToString().ToLowerInvariant() : !others.All(c => c.Ok) ? "unhealthy" : appends.Ok ? "ready" : "degraded";
        var health = new HealthView(status, Node.Version, checks);
        return status == "ready" ? TypedResults.Ok(health) : TypedResults.Json(health, ApiJson.Default.HealthView, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async ValueTask<HealthCheckView> CheckBrokerAsync(IBroker broker, CancellationToken cancellationToken)
    {
        try
        {
            await broker.ListTopicsAsync(cancellationToken);
            return new HealthCheckView("broker", true, null);
        }
        catch (BrokerException failure)
        {
            return new HealthCheckView("broker", false, failure.Message);
        }
    }

    private static async Task<Ok<NodeView>> DescribeAsync(HttpContext context, [FromServices] AlertDesk desk, Node node, IBroker broker, CancellationToken cancellationToken)
    {
        var alerts = await desk.ReadOpenAsync(cancellationToken);
        return TypedResults.Ok(new NodeView(
            Node.Version,
            broker.Kind,
            [.. Enum.GetValues<BrokerCapabilities>().Where(c => c != BrokerCapabilities.None && broker.Capabilities.HasFlag(c)).Select(c => c.ToString())],
            node.Revision,
            node.StartedAt,
            context.Caller().Name)
        {
            Alerts = alerts.Count,
            Pages = alerts.Count(alert => alert.IsPage),
        });
    }
}
