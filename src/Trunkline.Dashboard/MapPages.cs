using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Map;
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

    /// <summary>Which map an address asks for; above so many nodes owners are shown, unless it says otherwise.</summary>
    public static MapQuestion Question(Look look) => new()
    {
        At = look.Asked("at"),
        Against = look.Asked("against"),
        Find = look.Asked("find"),
        Owner = look.Asked("owner"),
        Only = look.Asked("only"),
        Hide = look.Asked("hide"),
        Group = look.Asked("group") ?? "auto",
    };

    private static Task<RazorComponentResult<MapPage>> ShowAsync([AsParameters] Look look, MapFeed feed) => look.ShowAsync<MapPage, MapBoard>(
        (client, clock, end) => new MapLoader(client, look.Connect, feed, clock).LoadAsync(Question(look), end), board => Look.StatusOf(board.Map));
}
