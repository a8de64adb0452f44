using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>The page on alerts, and what its forms do: as those on dead letters, through the API, with the token of who sent them.</summary>
internal static class AlertPages
{
    private const long FormBytesMax = 16 * 1024;

    private static readonly Dictionary<string, string> Done = new(StringComparer.Ordinal)
    {
        ["taken"] = "Taken on: it is not told again until it is over.",
        ["silenced"] = "Silenced: nobody is told of what fits until then.",
        ["unsilenced"] = "The silence has ended.",
    };

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/alerts", ([AsParameters] Look look) => PageAsync(look, look.Told(Done)));
        pages.MapPost("/alerts/acknowledge", ([AsParameters] Look look) => DoAsync(look, AcknowledgeAsync));
        pages.MapPost("/alerts/silence", ([AsParameters] Look look) => DoAsync(look, SilenceAsync));
        pages.MapPost("/alerts/unsilence", ([AsParameters] Look look) => DoAsync(look, UnsilenceAsync));
    }

    private static Task<IResult> DoAsync(Look look, Func<TrunklineClient, Form, Task<Deed>> does) =>
        look.DoAsync(FormBytesMax, "/alerts", does, async (notice, _) => await PageAsync(look, notice));

    private static async Task<Deed> AcknowledgeAsync(TrunklineClient client, Form form)
    {
        await client.Alerts.AcknowledgeAsync(form.Text("id") ?? "", CancellationToken.None);
        return new Deed("taken");
    }

    private static async Task<Deed> SilenceAsync(TrunklineClient client, Form form)
    {
        await client.Alerts.SilenceAsync(new SilenceRequest(form.Text("for"), form.Text("why"), form.Text("rule"), form.Text("subject")), CancellationToken.None);
        return new Deed("silenced");
    }

    private static async Task<Deed> UnsilenceAsync(TrunklineClient client, Form form)
    {
        await client.Alerts.UnsilenceAsync(form.Text("id") ?? "", CancellationToken.None);
        return new Deed("unsilenced");
    }

    private static Task<RazorComponentResult<AlertsPage>> PageAsync(Look look, Notice? notice) => look.ShowAsync<AlertsPage, AlertBoard>(
        async (client, clock, end) => await new AlertLoader(client, clock).LoadAsync(end) with { Notice = notice }, _ => Deed.StatusOf(notice));
}
