using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on one flow, one topic, and on changes.</summary>
internal static class DetailPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/flows/{name}", FlowAsync);
        pages.MapGet("/topics/{name}", TopicAsync);
        pages.MapGet("/changes", ChangesAsync);
        pages.MapGet("/logs", LogsAsync);
    }

    private static async Task<RazorComponentResult<FlowPage>> FlowAsync(string name, HttpContext context, DashboardNode node, TimeProvider clock)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new FlowLoader(client, clock).LoadAsync(name, context.RequestAborted);
        return new RazorComponentResult<FlowPage>(new Dictionary<string, object?> { [nameof(FlowPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Flow) };
    }

    private static async Task<RazorComponentResult<TopicPage>> TopicAsync(string name, HttpContext context, DashboardNode node, TimeProvider clock)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new TopicLoader(client, clock).LoadAsync(name, context.RequestAborted);
        return new RazorComponentResult<TopicPage>(new Dictionary<string, object?> { [nameof(TopicPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Topic) };
    }

    private static async Task<RazorComponentResult<ChangesPage>> ChangesAsync(HttpContext context, DashboardNode node, TimeProvider clock, string? find = null)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        var board = await new ChangesLoader(client, clock).LoadAsync(find, context.RequestAborted);
        return new RazorComponentResult<ChangesPage>(new Dictionary<string, object?> { [nameof(ChangesPage.Board)] = board });
    }

    private static async Task<RazorComponentResult<LogsPage>> LogsAsync(HttpContext context, DashboardNode node, TimeProvider clock, long? before = null)
    {
        DashboardEndpoints.Guard(context);
        using var client = node.ClientFor(context.Request);
        string? Asked(string name) => DashboardEndpoints.Asked(context.Request, name);
        var question = new LogQuestion
        {
            Trace = Asked("trace"),
            Message = Asked("message"),
            Key = Asked("key"),
            Flow = Asked("flow"),
            Owner = Asked("owner"),
            Service = Asked("service"),
            Text = Asked("text"),
            Level = Asked("level"),
            Since = Asked("since"),
        };
        var board = await new LogLoader(client, clock).LoadAsync(question, before, context.RequestAborted);
        return new RazorComponentResult<LogsPage>(new Dictionary<string, object?> { [nameof(LogsPage.Board)] = board }) { StatusCode = DashboardEndpoints.StatusOf(board.Logs) };
    }
}
