using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on kept traces and on critical paths.</summary>
internal static class TracePages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/traces", ListAsync);
        pages.MapGet("/traces/{trace}", TraceAsync);
        pages.MapGet("/path", PathAsync);
    }

    private static async Task<RazorComponentResult<TracesPage>> ListAsync(
        HttpContext context, DashboardNode node, TimeProvider clock, string? flow = null, string? message = null, string? service = null, bool failed = false)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new TraceLoader(client, clock).ListAsync(flow, message, service, failed, context.RequestAborted);
        return new RazorComponentResult<TracesPage>(new Dictionary<string, object?> { [nameof(TracesPage.Board)] = board });
    }

    private static async Task<RazorComponentResult<TracePage>> TraceAsync(string trace, HttpContext context, DashboardNode node, TimeProvider clock)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new TraceLoader(client, clock).LoadAsync(trace, context.RequestAborted);
        return new RazorComponentResult<TracePage>(new Dictionary<string, object?> { [nameof(TracePage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.View) };
    }

    private static async Task<RazorComponentResult<PathPage>> PathAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? flow = null, string? owner = null, string? factor = null)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new PathLoader(client, clock).LoadAsync(flow, owner, factor, context.RequestAborted);
        return new RazorComponentResult<PathPage>(new Dictionary<string, object?> { [nameof(PathPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Path) };
    }
}
