using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Trunkline.Server.Pacts.Verifying;

namespace Trunkline.Server.Tests.Pacts;

/// <summary>A provider of mails: a real server, with states that may be set and messages that may be asked for.</summary>
internal sealed class MailProvider : IAsyncDisposable
{
    private readonly WebApplication _server;

    private MailProvider(WebApplication server) => _server = server;

    /// <summary>The states that were set and taken back, as they were asked for.</summary>
    public List<string> States { get; } = [];

    /// <summary>How it is verified.</summary>
    public PactVerifierOptions Options => new() { Provider = new Uri(Address), States = new Uri(Address + "/states"), Messages = new Uri(Address + "/messages") };

    private string Address => _server.Urls.Single();

    public static async Task<MailProvider> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var provider = new MailProvider(builder.Build());
        provider.Map();
        await provider._server.StartAsync(cancellationToken);
        return provider;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Map()
    {
        _server.MapGet("/mails", () => Results.Json(new[] { new { id = 7 } }));
        _server.MapGet("/mails/{id:int}", (int id, HttpContext context) => context.Request.Headers["X-Who"] == "nobody"
            ? Results.StatusCode(401)
            : Results.Json(new { id, subject = "Hello", at = "2026-11-26", tags = new[] { "b", "c" } }));
        _server.MapPost("/mails", async (HttpContext context) =>
        {
            // Written as statements: of an expression the framework would take no result.
            var mail = await ReadAsync(context);
            return Results.Text(mail, "application/json", statusCode: 201);
        });
        _server.MapPost("/states", async (HttpContext context) =>
        {
            States.Add(await ReadAsync(context));
            return Results.Json(new { id = 7, who = "Ann" });
        });
        _server.MapPost("/messages", (HttpContext context) =>
        {
            context.Response.Headers["Pact-Message-Metadata"] = Convert.ToBase64String("""{"kind":"mail","contentType":"application/json"}"""u8);
            return Results.Json(new { id = 5, list = new object[] { "x", new { a = 4 } } });
        });
    }

    private static async Task<string> ReadAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        return await reader.ReadToEndAsync(context.RequestAborted);
    }
}
