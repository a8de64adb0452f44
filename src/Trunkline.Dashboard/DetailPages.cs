using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on one flow, one topic, and on changes.</summary>
internal static class DetailPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/flows/{name}", (string name, [AsParameters] Look look) =>
            look.ShowAsync<FlowPage, FlowBoard>((client, clock, end) => new FlowLoader(client, clock).LoadAsync(name, end), board => Look.StatusOf(board.Flow)));
        pages.MapGet("/topics/{name}", (string name, [AsParameters] Look look) =>
            look.ShowAsync<TopicPage, TopicBoard>((client, clock, end) => new TopicLoader(client, clock).LoadAsync(name, end), board => Look.StatusOf(board.Topic)));
        pages.MapGet("/changes", ([AsParameters] Look look, string? find = null) =>
            look.ShowAsync<ChangesPage, ChangesBoard>((client, clock, end) => new ChangesLoader(client, clock).LoadAsync(find, end)));
        pages.MapGet("/logs", ([AsParameters] Look look, long? before = null) =>
            look.ShowAsync<LogsPage, LogBoard>((client, clock, end) => new LogLoader(client, clock).LoadAsync(Question(look), before, end), board => Look.StatusOf(board.Logs)));
    }

    private static LogQuestion Question(Look look) => new()
    {
        Trace = look.Asked("trace"),
        Message = look.Asked("message"),
        Key = look.Asked("key"),
        Flow = look.Asked("flow"),
        Owner = look.Asked("owner"),
        Service = look.Asked("service"),
        Text = look.Asked("text"),
        Level = look.Asked("level"),
        Since = look.Asked("since"),
    };
}
