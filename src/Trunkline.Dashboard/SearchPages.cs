using Trunkline.Client;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The way from a name to the page on what it names, and what is said where there is none.</summary>
internal static class SearchPages
{
    private const int ValueMax = 1024;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/search", SearchAsync);

        // Addresses that look like those of pages, so that the ones of the API and of flows keep their own answers.
        pages.MapGet("/flows", () => Results.Redirect("/overview#flows"));
        pages.MapGet("/topics", () => Results.Redirect("/overview#topics"));
        foreach (var missing in (string[])["/{page:regex(^[a-z-]+$)}", "/dead/{**rest}", "/flows/{name}/{**rest}", "/topics/{name}/{**rest}", "/traces/{trace}/{**rest}"])
        {
            pages.MapGet(missing, MissingAsync);
        }
    }

    private static async Task<IResult> SearchAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? value = null)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var search = new Search(client, clock);
        var (asked, trouble) = (value?.Trim() ?? "", (string?)null);
        try
        {
            if (asked.Length is > 0 and <= ValueMax && await search.FindAsync(asked, context.RequestAborted) is { } address)
            {
                return Results.Redirect(address);
            }
        }
        catch (Exception away) when (away is TrunklineException or NodeUnreachableException)
        {
            trouble = away.Message;
        }

        var board = await search.ShowAsync(asked, trouble, context.RequestAborted);
        return new RazorComponentResult<SearchPage>(new Dictionary<string, object?> { [nameof(SearchPage.Board)] = board })
        {
            StatusCode = asked.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status404NotFound,
        };
    }

    private static async Task<IResult> MissingAsync(HttpContext context, DashboardNode node, TimeProvider clock)
    {
        if (!context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            // A program is told as the API tells it.
            return Results.NotFound();
        }

        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new Search(client, clock).ShowAsync(context.Request.Path.Value ?? "", null, context.RequestAborted);
        return new RazorComponentResult<MissingPage>(new Dictionary<string, object?> { [nameof(MissingPage.Board)] = board }) { StatusCode = StatusCodes.Status404NotFound };
    }
}
