using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Checking;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>
/// What the node's flow calls: a model (OpenAI's Chat Completions) and a webhook, which does each thing once by the id it is sent with,
/// and writes that to a journal. Both can be made sick while they run. Thread-safe.
/// </summary>
internal sealed class Outside : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly JournalWriter _journal;
    private readonly ConcurrentDictionary<string, bool> _seen = new();
    private readonly ConcurrentDictionary<string, bool> _done = new();

    private Outside(WebApplication app, JournalWriter journal) => (_app, _journal) = (app, journal);

    /// <summary>Its address.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>True: the webhook answers 503.</summary>
    public bool WebhookDown { get; set; }

    /// <summary>How long the model takes.</summary>
    public TimeSpan ModelTime { get; set; }

    /// <summary>Ids of messages whose effect was done.</summary>
    public ICollection<string> Done => _done.Keys;

    public static async Task<Outside> StartAsync(string journal, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var outside = new Outside(builder.Build(), new JournalWriter(journal));
        outside._app.MapPost("/v1/chat/completions", outside.AnswerAsync);
        outside._app.MapPost("/hook", outside.HookAsync);
        await outside._app.StartAsync(cancellationToken);
        return outside;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _journal.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (ModelTime > TimeSpan.Zero)
        {
            await Task.Delay(ModelTime, TimeProvider.System, context.RequestAborted);
        }

        await context.Response.WriteAsJsonAsync(
            new { choices = new[] { new { message = new { role = "assistant", content = "well" }, finish_reason = "stop" } }, usage = new { prompt_tokens = 1, completion_tokens = 1 } },
            context.RequestAborted);
    }

    private async Task HookAsync(HttpContext context)
    {
        if (WebhookDown)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (_seen.TryAdd(context.Request.Headers["webhook-id"].ToString(), true))
        {
            var id = body.RootElement.GetProperty("id").GetString()!;
            _journal.Write(sync: false, new JournalEntry.Effect("webhook", id));
            _done[id] = true;
        }
    }
}
