using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Trunkline.Testing.Models;

/// <summary>
/// A real HTTP server on loopback that speaks OpenAI's Chat Completions API as told, good and bad. Each request takes the next
/// script of the queue; without one it is answered with 500. Thread-safe.
/// </summary>
public sealed class ScriptedChatServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ChatScript> _scripts = new();
    private readonly ConcurrentQueue<ChatRequestSeen> _requests = new();

    private ScriptedChatServer(WebApplication app) => _app = app;

    /// <summary>The base address, to be used as a model's endpoint.</summary>
    public Uri Endpoint => new(new Uri(_app.Urls.First()), "/v1");

    /// <summary>The requests so far, in order.</summary>
    public IReadOnlyCollection<ChatRequestSeen> Requests => _requests;

    /// <summary>Starts a server on a free port.</summary>
    public static async Task<ScriptedChatServer> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ScriptedChatServer(app);
        app.MapPost("/v1/chat/completions", server.AnswerAsync);
        await app.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Adds scripts for the next requests.</summary>
    public void Enqueue(params ReadOnlySpan<ChatScript> scripts)
    {
        foreach (var script in scripts)
        {
            _scripts.Enqueue(script);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new ChatRequestSeen(
            await reader.ReadToEndAsync(context.RequestAborted), context.Request.Headers.Authorization, context.Request.Headers["Idempotency-Key"]);
        _requests.Enqueue(request);
        try
        {
            await PlayAsync(context, _scripts.TryDequeue(out var script) ? script : new ChatScript.Status(500), request);
        }
        catch (OperationCanceledException)
        {
            // The caller gave up, as silent and endless scripts expect.
        }
    }

    private static async Task PlayAsync(HttpContext context, ChatScript script, ChatRequestSeen request)
    {
        var gone = context.RequestAborted;
        switch (script)
        {
            case ChatScript.Streamed streamed:
                await SendAsync(context, streamed.Pieces);
                await WriteAsync(context, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
                await WriteAsync(context, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}\n\ndata: [DONE]\n\n");
                break;
            case ChatScript.Whole whole:
                await context.Response.WriteAsJsonAsync(
                    new
                    {
                        choices = new[] { new { message = new { role = "assistant", content = whole.Text }, finish_reason = "stop" } },
                        usage = new { prompt_tokens = 7, completion_tokens = 3 },
                    },
                    gone);
                break;
            case ChatScript.Status status:
                context.Response.StatusCode = status.Code;
                context.Response.Headers.RetryAfter = status.RetryAfter;
                await context.Response.WriteAsync(request.Authorization + request.Body, gone);
                break;
            case ChatScript.Raw raw:
                await WriteAsync(context, raw.Body);
                break;
            case ChatScript.Cut cut:
                await SendAsync(context, cut.Pieces);
                context.Abort();
                break;
            case ChatScript.Endless endless:
                for (var piece = endless.Framed ? Frame(endless.Piece) : endless.Piece; ;)
                {
                    await WriteAsync(context, piece);
                }

            case ChatScript.Stalled stalled:
                await SendAsync(context, stalled.Pieces);
                await Task.Delay(Timeout.Infinite, gone);
                break;
            default:
                await Task.Delay(Timeout.Infinite, gone);
                break;
        }
    }

    private static async Task SendAsync(HttpContext context, IEnumerable<string> pieces)
    {
        foreach (var piece in pieces)
        {
            await WriteAsync(context, Frame(piece));
        }
    }

    private static async Task WriteAsync(HttpContext context, string text)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
        }

        await context.Response.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static string Frame(string piece) =>
        string.Create(CultureInfo.InvariantCulture, $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{JsonSerializer.Serialize(piece)}}}}}]}}\n\n");
}

/// <summary>A request the server got.</summary>
/// <param name="Body">Its JSON.</param>
/// <param name="Authorization">The header, or null.</param>
/// <param name="IdempotencyKey">The header, or null.</param>
public sealed record ChatRequestSeen(string Body, string? Authorization, string? IdempotencyKey);
