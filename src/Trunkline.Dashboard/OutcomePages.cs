using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on what became of messages: of all, counted, and of one, followed.</summary>
internal static class OutcomePages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/outcomes", OutcomesAsync);
        pages.MapGet("/journey", JourneyAsync);
    }

    private static async Task<RazorComponentResult<OutcomesPage>> OutcomesAsync(HttpContext context, DashboardNode node, TimeProvider clock)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new OutcomeLoader(client, clock).LoadAsync(OutcomeAsked.Read(name => context.Request.Query[name]), context.RequestAborted);
        return new RazorComponentResult<OutcomesPage>(new Dictionary<string, object?> { [nameof(OutcomesPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Counts) };
    }

    private static async Task<RazorComponentResult<JourneyPage>> JourneyAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? by = null, string? value = null)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new JourneyLoader(client, clock).LoadAsync(JourneyQuery.Read(by, value), context.RequestAborted);
        return new RazorComponentResult<JourneyPage>(new Dictionary<string, object?> { [nameof(JourneyPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Journeys) };
    }
}
