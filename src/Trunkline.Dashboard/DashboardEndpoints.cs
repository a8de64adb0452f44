using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Trunkline.Dashboard.Assets;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Map;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>Puts the dashboard into a host.</summary>
public static class DashboardEndpoints
{
    /// <summary>
    /// What the pages may do: load this node's own style, script and images, ask this node for newer data, send it forms, and nothing else. Text
    /// that slips through the encoding finds nothing it could run.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Adds what the dashboard needs.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="node">Gives the address the node's own API is reached at; asked at each request, so it may be known late.</param>
    public static IServiceCollection AddTrunklineDashboard(this IServiceCollection services, Func<Uri> node)
    {
        services.AddRazorComponents();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<MapFeed>();
        services.AddHttpClient(DashboardNode.ClientName);
        return services.AddSingleton(provider => new DashboardNode(provider.GetRequiredService<IHttpClientFactory>(), node));
    }

    /// <summary>Maps what everybody may see: where to sign in, and the assets below <c>/assets</c>.</summary>
    /// <param name="routes">The host's routes.</param>
    public static RouteGroupBuilder MapTrunklineEntrance(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ExcludeFromDescription();
        SignInPages.Map(group);
        group.MapGet("/assets/{name}", AssetFiles.Serve);
        return group;
    }

    /// <summary>Maps the pages.</summary>
    /// <param name="routes">The host's routes.</param>
    public static RouteGroupBuilder MapTrunklineDashboard(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ExcludeFromDescription();
        MapPages.Map(group);
        group.MapGet("/overview", OverviewAsync);
        group.MapGet("/fidelity", FidelityAsync);
        group.MapGet("/slo", SloAsync);
        group.MapGet("/promises", PromisesAsync);
        group.MapGet("/why", WhyAsync);
        group.MapGet("/models", ModelsAsync);
        DetailPages.Map(group);
        DeadLetterPages.Map(group);
        AlertPages.Map(group);
        CatalogPages.Map(group);
        TracePages.Map(group);
        OutcomePages.Map(group);
        SearchPages.Map(group);
        return group;
    }

    private static async Task<RazorComponentResult<FidelityPage>> FidelityAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? since = null)
    {
        Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new FidelityLoader(client, clock).LoadAsync(since, context.RequestAborted);
        return new RazorComponentResult<FidelityPage>(new Dictionary<string, object?> { [nameof(FidelityPage.Board)] = board });
    }

    private static async Task<RazorComponentResult<WhyPage>> WhyAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? flow = null)
    {
        Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new WhyLoader(client, clock).LoadAsync(flow, context.RequestAborted);
        return new RazorComponentResult<WhyPage>(new Dictionary<string, object?> { [nameof(WhyPage.Board)] = board }) { StatusCode = StatusOf(board.Why) };
    }

    private static async Task<RazorComponentResult<SloPage>> SloAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? flow = null)
    {
        Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new SloLoader(client, clock).LoadAsync(flow, context.RequestAborted);
        return new RazorComponentResult<SloPage>(new Dictionary<string, object?> { [nameof(SloPage.Board)] = board }) { StatusCode = StatusOf(board.Slos) };
    }

    private static async Task<RazorComponentResult<PromisesPage>> PromisesAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? month = null)
    {
        Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new PromiseLoader(client, clock).LoadAsync(month, context.RequestAborted);
        return new RazorComponentResult<PromisesPage>(new Dictionary<string, object?> { [nameof(PromisesPage.Board)] = board }) { StatusCode = StatusOf(board.Promises) };
    }

    private static async Task<RazorComponentResult<ModelsPage>> ModelsAsync(HttpContext context, DashboardNode node, TimeProvider clock)
    {
        Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new ModelsLoader(client, clock).LoadAsync(context.RequestAborted);
        return new RazorComponentResult<ModelsPage>(new Dictionary<string, object?> { [nameof(ModelsPage.Board)] = board });
    }

    /// <summary>What goes with every page.</summary>
    internal static void Guard(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers.CacheControl = "no-store";
    }

    /// <summary>What an address asks by a name; an empty field of a form says the same as none.</summary>
    internal static string? Asked(HttpRequest request, string name) => request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>404 for a page about something that is not there, 400 for one that was asked what cannot be.</summary>
    internal static int StatusOf<T>(Loaded<T> about)
        where T : class => about.IsMissing ? StatusCodes.Status404NotFound : about.IsRefused ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK;

    private static async Task<RazorComponentResult<OverviewPage>> OverviewAsync(HttpContext context, DashboardNode node, TimeProvider clock)
    {
        Guard(context);
        using var client = node.ClientFor(context.Request);
        var overview = await new OverviewLoader(client, clock).LoadAsync(context.RequestAborted);
        return new RazorComponentResult<OverviewPage>(new Dictionary<string, object?> { [nameof(OverviewPage.Overview)] = overview });
    }
}
