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
        pages.MapGet("/alerts", ShowAsync);
        pages.MapPost("/alerts/acknowledge", (HttpContext context, DashboardNode node, TimeProvider clock) => DoAsync(context, node, clock, AcknowledgeAsync));
        pages.MapPost("/alerts/silence", (HttpContext context, DashboardNode node, TimeProvider clock) => DoAsync(context, node, clock, SilenceAsync));
        pages.MapPost("/alerts/unsilence", (HttpContext context, DashboardNode node, TimeProvider clock) => DoAsync(context, node, clock, UnsilenceAsync));
    }

    private static async Task<RazorComponentResult<AlertsPage>> ShowAsync(HttpContext context, DashboardNode node, TimeProvider clock)
    {
        using var client = node.ClientFor(context.Request);
        return await PageAsync(context, client, clock, context.Request.Query["did"] is [{ } did] && Done.TryGetValue(did, out var text) ? new Notice(text) : null);
    }

    private static async Task<IResult> DoAsync(HttpContext context, DashboardNode node, TimeProvider clock, Func<TrunklineClient, Form, Task<Deed>> does)
    {
        using var client = node.ClientFor(context.Request);
        var form = await Form.ReadAsync(context.Request, FormBytesMax);
        var deed = await Deed.TryAsync(() => does(client, form));
        return deed.Said is { } said
            ? Results.Redirect($"/alerts?did={said}", permanent: false, preserveMethod: false)
            : await PageAsync(context, client, clock, deed.Notice);
    }

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

    private static async Task<RazorComponentResult<AlertsPage>> PageAsync(HttpContext context, TrunklineClient client, TimeProvider clock, Notice? notice)
    {
        DashboardEndpoints.Guard(context);
        var board = await new AlertLoader(client, clock).LoadAsync(context.RequestAborted) with { Notice = notice };
        return new RazorComponentResult<AlertsPage>(new Dictionary<string, object?> { [nameof(AlertsPage.Board)] = board }) { StatusCode = Deed.StatusOf(notice) };
    }
}
