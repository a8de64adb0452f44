using Microsoft.AspNetCore.Components;
using Trunkline.Client;
using Trunkline.Dashboard.Data;

namespace Trunkline.Dashboard;

/// <summary>A look at a page: who looks, the node the page is about, and the clock.</summary>
internal sealed record Look(HttpContext Context, DashboardNode Node, TimeProvider Clock)
{
    /// <summary>Every page has one parameter of this name: all that it shows.</summary>
    private const string Board = nameof(Board);

    /// <summary>
    /// What the pages may do: load this node's own style, script and images, ask this node for newer data, send it forms, and nothing else. Text
    /// that slips through the encoding finds nothing it could run.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private TrunklineClient? _client;

    /// <summary>Asks the node, with the rights of who looks; the same for all of a page, so that it waits once for a node that hangs.</summary>
    public TrunklineClient Client
    {
        get
        {
            if (_client is null)
            {
                Context.Response.RegisterForDispose(_client = Connect());
            }

            return _client;
        }
    }

    /// <summary>Asks the node with the same rights, and is the caller's to dispose of: for what may last longer than the page.</summary>
    public TrunklineClient Connect() => Node.ClientFor(Context.Request);

    /// <summary>Reads what a page shows, and shows it.</summary>
    /// <typeparam name="TPage">The page.</typeparam>
    /// <typeparam name="TBoard">What it shows.</typeparam>
    /// <param name="load">Reads it.</param>
    /// <param name="status">The status of the answer; null for 200.</param>
    public async Task<RazorComponentResult<TPage>> ShowAsync<TPage, TBoard>(Func<TrunklineClient, TimeProvider, CancellationToken, Task<TBoard>> load, Func<TBoard, int>? status = null)
        where TPage : IComponent
    {
        var board = await load(Client, Clock, Context.RequestAborted);
        return Page<TPage>(new() { [Board] = board }, status?.Invoke(board) ?? StatusCodes.Status200OK);
    }

    /// <summary>Does what a form asks for. Once it is done the browser is led on, so that loading the page again does nothing twice; else a page tells why not.</summary>
    /// <param name="bytesMax">Most bytes of the form.</param>
    /// <param name="done">The page that says what came of it.</param>
    /// <param name="does">Does it.</param>
    /// <param name="refused">The page that tells why not.</param>
    public async Task<IResult> DoAsync(long bytesMax, string done, Func<TrunklineClient, Form, Task<Deed>> does, Func<Notice?, Form, Task<IResult>> refused)
    {
        var form = await Form.ReadAsync(Context.Request, bytesMax);

        // A deed may take longer than a page waits, which says nothing of what the page asks then.
        using var client = Connect();
        var deed = await Deed.TryAsync(() => does(client, form));
        return deed.Said is { } said ? Results.Redirect($"{done}?did={said}", permanent: false, preserveMethod: false) : await refused(deed.Notice, form);
    }

    /// <summary>A page, with what goes with every page.</summary>
    public RazorComponentResult<TPage> Page<TPage>(Dictionary<string, object?> parameters, int status)
        where TPage : IComponent
    {
        Context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        Context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<TPage>(parameters) { StatusCode = status };
    }

    /// <summary>What the address asks by a name; an empty field of a form says the same as none.</summary>
    public string? Asked(string name) => Context.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>What a page says after a form was done: an address can name one of these texts, and nothing else.</summary>
    public Notice? Told(IReadOnlyDictionary<string, string> done) => Asked("did") is { } did && done.TryGetValue(did, out var text) ? new Notice(text) : null;

    /// <summary>404 for a page about something that is not there, 400 for one that was asked what cannot be.</summary>
    public static int StatusOf<T>(Loaded<T> about)
        where T : class => about.IsMissing ? StatusCodes.Status404NotFound : about.IsRefused ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK;
}
