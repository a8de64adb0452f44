using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on what became of messages: of all, counted, and of one, followed.</summary>
internal static class OutcomePages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/outcomes", ([AsParameters] Look look) => look.ShowAsync<OutcomesPage, OutcomeBoard>(
            (client, clock, end) => new OutcomeLoader(client, clock).LoadAsync(OutcomeAsked.Read(name => look.Context.Request.Query[name]), end), board => Look.StatusOf(board.Counts)));
        pages.MapGet("/journey", ([AsParameters] Look look, string? by = null, string? value = null) => look.ShowAsync<JourneyPage, JourneyBoard>(
            (client, clock, end) => new JourneyLoader(client, clock).LoadAsync(JourneyQuery.Read(by, value), end), board => Look.StatusOf(board.Journeys)));
    }
}
