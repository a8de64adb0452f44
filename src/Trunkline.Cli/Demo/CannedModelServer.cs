using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Trunkline.Cli.Demo;

/// <summary>
/// A local server that speaks OpenAI's Chat Completions API, streamed or whole, and answers every mail with the same canned draft.
/// Loopback only. Thread-safe.
/// </summary>
internal sealed class CannedModelServer : IAsyncDisposable
{
    private const long RequestBytesMax = 16 * 1024 * 1024;

    private readonly WebApplication _app;
    private int _answers;

    private CannedModelServer(WebApplication app) => _app = app;

    /// <summary>The base address, for a model's <c>endpoint</c>.</summary>
    public Uri Endpoint => new(new Uri(_app.Urls.First()), "/v1");

    /// <summary>Answers given so far.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>Starts it.</summary>
    /// <param name="port">The port; 0 for a free one. A resumed demo keeps the port its flows were applied with.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<CannedModelServer> StartAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(FormattableString.Invariant($"http://127.0.0.1:{port}"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = RequestBytesMax);
        var app = builder.Build();
        var server = new CannedModelServer(app);
        app.MapPost("/v1/chat/completions", server.AnswerAsync);
        await app.StartAsync(cancellationToken);
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        var (draft, stream) = await ReadAsync(context);
        if (draft is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new { error = new { message = "This is not a Chat Completions request.", type = "invalid_request_error" } }, aborted);
            return;
        }

        Interlocked.Increment(ref _answers);
        var tokens = draft.Split(' ');
        var usage = new { prompt_tokens = 0, completion_tokens = tokens.Length, total_tokens = tokens.Length };
        if (!stream)
        {
            await context.Response.WriteAsJsonAsync(
                new { @object = "chat.completion", model = "canned", choices = new[] { new { index = 0, message = new { role = "assistant", content = draft }, finish_reason = "stop" } }, usage },
                aborted);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        for (var i = 0; i < tokens.Length; i++)
        {
            await SendAsync(context, new { @object = "chat.completion.chunk", model = "canned", choices = new[] { new { index = 0, delta = new { content = i == 0 ? tokens[i] : " " + tokens[i] } } } });
        }

        await SendAsync(context, new { @object = "chat.completion.chunk", model = "canned", choices = new[] { new { index = 0, delta = new { }, finish_reason = "stop" } } });
        await SendAsync(context, new { @object = "chat.completion.chunk", model = "canned", choices = Array.Empty<object>(), usage });
        await context.Response.WriteAsync("data: [DONE]\n\n", aborted);
    }

    private static async Task<(string? Draft, bool Stream)> ReadAsync(HttpContext context)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var draft = CannedDraft.For(json.RootElement);
            return (draft, draft is not null && json.RootElement.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True);
        }
        catch (JsonException)
        {
            return (null, false);
        }
    }

    private static Task SendAsync<T>(HttpContext context, T chunk) =>
        context.Response.WriteAsync($"data: {JsonSerializer.Serialize(chunk)}\n\n", context.RequestAborted);
}
