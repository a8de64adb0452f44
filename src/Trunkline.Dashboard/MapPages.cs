using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Map;
using Trunkline.Dashboard.Pages;
using Trunkline.Dashboard.Sections;

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
    public static MapQuestion Question(HttpRequest request)
    {
        string? Asked(string name) => DashboardEndpoints.Asked(request, name);
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

    private static async Task<RazorComponentResult<MapPage>> ShowAsync(HttpContext context, DashboardNode node, MapFeed feed, TimeProvider clock)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new MapLoader(client, feed, clock).LoadAsync(Question(context.Request), context.RequestAborted);
        if (board.Reading is { } reading)
        {
            board = board with { Drawn = await reading.DrawnAsync(() => DrawAsync(board, context.RequestServices)) };
        }

        return new RazorComponentResult<MapPage>(new Dictionary<string, object?> { [nameof(MapPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Map) };
    }

    /// <summary>The map and its table as a text that more than one page can show.</summary>
    private static async Task<string> DrawAsync(MapBoard board, IServiceProvider services)
    {
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var parts = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(MapParts.Board)] = board });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<MapParts>(parts)).ToHtmlString());
    }
}
