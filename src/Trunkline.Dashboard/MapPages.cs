using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The page with the map, which is the first, and what keeps it up to date.</summary>
internal static class MapPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", ShowAsync);
        pages.MapGet("/map", ShowAsync);
        pages.MapGet("/map/live", MapLive.StreamAsync);
    }

    /// <summary>Which map an address asks for. An empty field of the form says the same as none; above so many nodes owners are shown, unless it says otherwise.</summary>
    public static MapQuestion Question(HttpRequest request)
    {
        string? Asked(string name) => request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;
        return new MapQuestion
        {
            At = Asked("at"),
            Against = Asked("against"),
            Find = Asked("find"),
            Owner = Asked("owner"),
            Only = Asked("only"),
            Hide = Asked("hide"),
            Group = Asked("group") ?? "auto",
        };
    }

    private static async Task<RazorComponentResult<MapPage>> ShowAsync(HttpContext context, DashboardNode node, TimeProvider clock)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new MapLoader(client, clock).LoadAsync(Question(context.Request), context.RequestAborted);
        return new RazorComponentResult<MapPage>(new Dictionary<string, object?> { [nameof(MapPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Map) };
    }
}
