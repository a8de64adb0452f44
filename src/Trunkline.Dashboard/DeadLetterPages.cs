using System.Globalization;
using System.Text;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>
/// The pages on dead letters and what their forms do. A form that was done leads to a page to look at, so that loading it again does nothing twice; one
/// that was refused shows the page with the reason. The node refuses forms sent from other sites, and asks the API for every deed with the token of who sent it.
/// </summary>
internal static class DeadLetterPages
{
    /// <summary>Most bytes of a form; a larger payload is redriven by command.</summary>
    private const long FormBytesMax = 4 * LetterPayload.ShownMax;

    /// <summary>What the page says after a form was done; a link can name one, and nothing else.</summary>
    private static readonly Dictionary<string, string> Done = new(StringComparer.Ordinal)
    {
        ["redriven"] = "Redriven: it went through the flow, and that is durable.",
        ["delayed"] = "It failed again and is tried later by itself.",
        ["parked"] = "Its key is parked: it waits in line behind what waits there.",
        ["already-done"] = "It was dealt with before: nothing was done.",
        ["dropped"] = "Dropped.",
        ["begun"] = "The redrive has begun; its progress stands under Redrives.",
        ["cancelled"] = "Cancelled; what is at work finishes.",
        ["released"] = "Released: all that waited is through, in order.",
    };

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/dead", ([AsParameters] Look look) => PageAsync(look, DeadLetterQuery.Read(name => look.Context.Request.Query[name]), look.Told(Done)));
        pages.MapGet("/dead/{flow}/{partition:int}/{offset:long}", (string flow, int partition, long offset, [AsParameters] Look look) =>
            PageAsync(look, new LetterName(flow, partition, offset), look.Told(Done), null));
        pages.MapPost("/dead/{flow}/{partition:int}/{offset:long}/redrive", (string flow, int partition, long offset, [AsParameters] Look look) =>
            DoOneAsync(look, new LetterName(flow, partition, offset), RedriveAsync));
        pages.MapPost("/dead/{flow}/{partition:int}/{offset:long}/drop", (string flow, int partition, long offset, [AsParameters] Look look) =>
            DoOneAsync(look, new LetterName(flow, partition, offset), DropAsync));
        pages.MapPost("/dead/{flow}/redrives", (string flow, [AsParameters] Look look) => DoAsync(look, (client, form) => BeginAsync(client, flow, form)));
        pages.MapPost("/dead/{flow}/drop", (string flow, [AsParameters] Look look) => DoAsync(look, (client, form) => DropAllAsync(client, flow, form)));
        pages.MapPost("/dead/parked", ([AsParameters] Look look) => DoAsync(look, ReleaseAsync));
        pages.MapPost("/dead/redrives/cancel", ([AsParameters] Look look) => DoAsync(look, CancelAsync));
    }

    /// <summary>Does what a form on the page of one dead letter asks for.</summary>
    private static Task<IResult> DoOneAsync(Look look, LetterName name, Func<TrunklineClient, LetterName, Form, Task<Deed>> does) =>
        look.DoAsync(FormBytesMax, name.Address, (client, form) => does(client, name, form), async (notice, form) => await PageAsync(look, name, notice, form.Text("payload")));

    /// <summary>Does what a form on the page of all dead letters asks for.</summary>
    private static Task<IResult> DoAsync(Look look, Func<TrunklineClient, Form, Task<Deed>> does) =>
        look.DoAsync(FormBytesMax, "/dead", does, async (notice, _) => await PageAsync(look, new DeadLetterQuery(), notice));

    private static async Task<Deed> RedriveAsync(TrunklineClient client, LetterName name, Form form)
    {
        // A browser sends every line break as CR LF; the form says what they were.
        var payload = form.Text("lines") == "lf" ? form.Text("payload")?.Replace("\r\n", "\n", StringComparison.Ordinal) : form.Text("payload");
        var request = payload is null ? new RedriveRequest() : new RedriveRequest(Convert.ToBase64String(Encoding.UTF8.GetBytes(payload)));
        var response = await client.DeadLetters.RedriveAsync(name.Flow, name.Partition, name.Offset, request, CancellationToken.None);
        return Done.ContainsKey(response.Outcome) ? new Deed(response.Outcome) : Deed.Refused(response.Detail);
    }

    private static async Task<Deed> DropAsync(TrunklineClient client, LetterName name, Form form)
    {
        if (form.Text("sure") is null)
        {
            return Deed.Refused("Nothing was dropped: tick the box to say that it is not needed any more.");
        }

        var response = await client.DeadLetters.DropAsync(name.Flow, name.Partition, name.Offset, CancellationToken.None);
        return new Deed(response.Dropped > 0 ? "dropped" : "already-done");
    }

    private static async Task<Deed> BeginAsync(TrunklineClient client, string flow, Form form)
    {
        int? rate = null;
        if (form.Text("rate") is { Length: > 0 } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 1_000_000)
            {
                return Deed.Refused("Nothing was begun: the rate is a whole number from 1 to 1,000,000, or nothing for no bound.");
            }

            rate = number;
        }

        await client.DeadLetters.BeginRedriveAsync(flow, new BeginRedriveRequest(Seen(form), rate), CancellationToken.None);
        return new Deed("begun");
    }

    private static async Task<Deed> DropAllAsync(TrunklineClient client, string flow, Form form)
    {
        if (form.Text("sure") is null)
        {
            return Deed.Refused("Nothing was dropped: tick the box to say that they are not needed any more.");
        }

        await client.DeadLetters.DropAsync(flow, new DropRequest(Seen(form)), CancellationToken.None);
        return new Deed("dropped");
    }

    private static async Task<Deed> ReleaseAsync(TrunklineClient client, Form form)
    {
        if (form.Text("flow") is not { Length: > 0 } flow || form.Text("key") is not { } key)
        {
            return Deed.Refused("The form names no key.");
        }

        var result = await client.DeadLetters.ReleaseAsync(flow, new ReleaseKeyRequest(key, form.Text("how") == "skip"), CancellationToken.None);
        return result.Outcome switch
        {
            "Released" => new Deed("released"),
            "Delayed" => new Deed("delayed"),
            "FailedAgain" => Deed.Refused("A message failed again: it and what waits behind it stay parked."),
            "NotParked" => Deed.Refused("This key is not parked any more."),
            _ => Deed.Refused("Interrupted: what is done is done, the rest stays parked."),
        };
    }

    private static async Task<Deed> CancelAsync(TrunklineClient client, Form form)
    {
        if (form.Text("id") is not { Length: > 0 } id)
        {
            return Deed.Refused("The form names no redrive.");
        }

        await client.DeadLetters.CancelRedriveAsync(id, CancellationToken.None);
        return new Deed("cancelled");
    }

    /// <summary>What the page that holds the form showed, and nothing that failed since.</summary>
    private static DeadLetterSelection Seen(Form form)
    {
        var query = DeadLetterQuery.Read(form.Text);
        return DateTimeOffset.TryParse(form.Text("until"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
            ? query.Selection(until) with { Until = until }
            : throw new TrunklineException("request.body-invalid", 400, "The form does not say when its page was read.", "Load the page again.");
    }

    private static Task<RazorComponentResult<DeadLettersPage>> PageAsync(Look look, DeadLetterQuery query, Notice? notice) => look.ShowAsync<DeadLettersPage, DeadLetterBoard>(
        async (client, clock, end) => await new DeadLetterLoader(client, clock).LoadAsync(query, end) with { Notice = notice },
        board => notice is null ? Look.StatusOf(board.Page) : Deed.StatusOf(notice));

    private static Task<RazorComponentResult<LetterPage>> PageAsync(Look look, LetterName name, Notice? notice, string? typed) => look.ShowAsync<LetterPage, LetterBoard>(
        async (client, clock, end) => await new DeadLetterLoader(client, clock).LoadAsync(name.Flow, name.Partition, name.Offset, end) with { Notice = notice, Typed = typed },
        board => notice is null ? Look.StatusOf(board.Letter) : Deed.StatusOf(notice));
}
