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
    /// <summary>Adds what the dashboard needs.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="node">Gives the address the node's own API is reached at; asked at each request, so it may be known late.</param>
    public static IServiceCollection AddTrunklineDashboard(this IServiceCollection services, Func<Uri> node)
    {
        services.AddRazorComponents();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<MapLayouts>().AddSingleton<MapFeed>();
        services.AddHttpClient(DashboardNode.ClientName);
        return services.AddSingleton(provider => new DashboardNode(provider.GetRequiredService<IHttpMessageHandlerFactory>(), node));
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
        group.MapGet("/overview", ([AsParameters] Look look) => look.ShowAsync<OverviewPage, Overview>((client, clock, end) => new OverviewLoader(client, clock).LoadAsync(end)));
        group.MapGet("/fidelity", ([AsParameters] Look look, string? since = null) =>
            look.ShowAsync<FidelityPage, FidelityBoard>((client, clock, end) => new FidelityLoader(client, clock).LoadAsync(since, end)));
        group.MapGet("/slo", ([AsParameters] Look look, string? flow = null) =>
            look.ShowAsync<SloPage, SloBoard>((client, clock, end) => new SloLoader(client, clock).LoadAsync(flow, end), board => Look.StatusOf(board.Slos)));
        group.MapGet("/promises", ([AsParameters] Look look, string? month = null) =>
            look.ShowAsync<PromisesPage, PromiseBoard>((client, clock, end) => new PromiseLoader(client, clock).LoadAsync(month, end), board => Look.StatusOf(board.Promises)));
        group.MapGet("/why", ([AsParameters] Look look, string? flow = null) =>
            look.ShowAsync<WhyPage, WhyBoard>((client, clock, end) => new WhyLoader(client, clock).LoadAsync(flow, end), board => Look.StatusOf(board.Why)));
        group.MapGet("/models", ([AsParameters] Look look) => look.ShowAsync<ModelsPage, ModelsBoard>((client, clock, end) => new ModelsLoader(client, clock).LoadAsync(end)));
        DetailPages.Map(group);
        DeadLetterPages.Map(group);
        AlertPages.Map(group);
        CatalogPages.Map(group);
        TracePages.Map(group);
        OutcomePages.Map(group);
        SearchPages.Map(group);
        return group;
    }
}
