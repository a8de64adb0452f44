using Trunkline.Client;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The way from a name to the page on what it names, and what is said where there is none.</summary>
internal static class SearchPages
{
    private const int ValueMax = 1024;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/search", SearchAsync);

        // Addresses that look like those of pages, so that the ones of the API and of flows keep their own answers.
        pages.MapGet("/flows", () => Results.Redirect("/overview#flows"));
        pages.MapGet("/topics", () => Results.Redirect("/overview#topics"));
        foreach (var missing in (string[])["/{page:regex(^[a-z-]+$)}", "/dead/{**rest}", "/flows/{name}/{**rest}", "/topics/{name}/{**rest}", "/traces/{trace}/{**rest}"])
        {
            pages.MapGet(missing, MissingAsync);
        }
    }

    private static async Task<IResult> SearchAsync([AsParameters] Look look, string? value = null)
    {
        var (asked, trouble) = (value?.Trim() ?? "", (string?)null);
        try
        {
            if (asked.Length is > 0 and <= ValueMax && await new Search(look.Client, look.Clock).FindAsync(asked, look.Context.RequestAborted) is { } address)
            {
                return Results.Redirect(address);
            }
        }
        catch (Exception away) when (away is TrunklineException or NodeUnreachableException)
        {
            trouble = away.Message;
        }

        return await look.ShowAsync<SearchPage, SearchBoard>(
            (client, clock, end) => new Search(client, clock).ShowAsync(asked, trouble, end), _ => asked.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
    }

    // A program is told as the API tells it.
    private static async Task<IResult> MissingAsync([AsParameters] Look look) => look.Context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        ? await look.ShowAsync<MissingPage, SearchBoard>(
            (client, clock, end) => new Search(client, clock).ShowAsync(look.Context.Request.Path.Value ?? "", null, end), _ => StatusCodes.Status404NotFound)
        : Results.NotFound();
}
