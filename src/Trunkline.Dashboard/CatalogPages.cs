using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on what runs as others see it.</summary>
internal static class CatalogPages
{
    public static void Map(IEndpointRouteBuilder pages) => pages.MapGet("/catalog", CatalogAsync);

    private static async Task<RazorComponentResult<CatalogPage>> CatalogAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? find = null)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new CatalogLoader(client, clock).LoadAsync(find, context.RequestAborted);
        return new RazorComponentResult<CatalogPage>(new Dictionary<string, object?> { [nameof(CatalogPage.Board)] = board });
    }
}
