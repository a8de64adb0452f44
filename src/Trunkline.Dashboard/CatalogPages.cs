using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on what runs as others see it.</summary>
internal static class CatalogPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/catalog", CatalogAsync);
        pages.MapGet("/subjects", SubjectsAsync);
        pages.MapGet("/subject", SubjectAsync);
    }

    private static async Task<RazorComponentResult<SubjectsPage>> SubjectsAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? find = null)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new SubjectLoader(client, clock).ListAsync(find, context.RequestAborted);
        return new RazorComponentResult<SubjectsPage>(new Dictionary<string, object?> { [nameof(SubjectsPage.Board)] = board });
    }

    private static async Task<IResult> SubjectAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? name = null, string? from = null, string? to = null)
    {
        if (string.IsNullOrEmpty(name))
        {
            return Results.Redirect("/subjects");
        }

        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new SubjectLoader(client, clock).ShowAsync(name, from, to, context.RequestAborted);
        return new RazorComponentResult<SubjectPage>(new Dictionary<string, object?> { [nameof(SubjectPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Subject) };
    }

    private static async Task<RazorComponentResult<CatalogPage>> CatalogAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? find = null)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new CatalogLoader(client, clock).LoadAsync(find, context.RequestAborted);
        return new RazorComponentResult<CatalogPage>(new Dictionary<string, object?> { [nameof(CatalogPage.Board)] = board });
    }
}
