using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The pages on what runs as others see it.</summary>
internal static class CatalogPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/catalog", ([AsParameters] Look look, string? find = null) =>
            look.ShowAsync<CatalogPage, CatalogBoard>((client, clock, end) => new CatalogLoader(client, clock).LoadAsync(find, end)));
        pages.MapGet("/subjects", ([AsParameters] Look look, string? find = null) =>
            look.ShowAsync<SubjectsPage, SubjectsBoard>((client, clock, end) => new SubjectLoader(client, clock).ListAsync(find, end)));
        pages.MapGet("/subject", async Task<IResult> ([AsParameters] Look look, string? name = null, string? from = null, string? to = null) => string.IsNullOrEmpty(name)
            ? Results.Redirect("/subjects")
            : await look.ShowAsync<SubjectPage, SubjectBoard>((client, clock, end) => new SubjectLoader(client, clock).ShowAsync(name, from, to, end), board => Look.StatusOf(board.Subject)));
    }
}
