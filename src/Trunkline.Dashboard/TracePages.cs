using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on kept traces and on critical paths.</summary>
internal static class TracePages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/traces", ([AsParameters] Look look, string? flow = null, string? message = null, string? service = null, bool failed = false) =>
            look.ShowAsync<TracesPage, TracesBoard>((client, clock, end) => new TraceLoader(client, clock).ListAsync(flow, message, service, failed, end)));
        pages.MapGet("/traces/{trace}", (string trace, [AsParameters] Look look) =>
            look.ShowAsync<TracePage, TraceBoard>((client, clock, end) => new TraceLoader(client, clock).LoadAsync(trace, end), board => Look.StatusOf(board.View)));
        pages.MapGet("/path", ([AsParameters] Look look, string? flow = null, string? owner = null, string? factor = null) =>
            look.ShowAsync<PathPage, PathBoard>((client, clock, end) => new PathLoader(client, clock).LoadAsync(flow, owner, factor, end), board => Look.StatusOf(board.Path)));
    }
}
