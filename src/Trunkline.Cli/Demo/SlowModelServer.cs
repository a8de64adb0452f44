using System.Text.Json;

namespace Trunkline.Cli.Demo;

/// <summary>
/// A local model that works on a few questions at a time; the others wait inside it, and it goes on with those nobody waits for any
/// more, as such servers do. Speaks OpenAI's Chat Completions API. Loopback only. Thread-safe.
/// </summary>
internal sealed class SlowModelServer : IAsyncDisposable
{
    private static readonly byte[] Answer = JsonSerializer.SerializeToUtf8Bytes(new
    {
        @object = "chat.completion",
        choices = new[] { new { index = 0, message = new { role = "assistant", content = "ok" }, finish_reason = "stop" } },
        usage = new { prompt_tokens = 5, completion_tokens = 1 },
    });

    private readonly WebApplication _app;
    private readonly SemaphoreSlim _places;
    private int _calls;
    private int _wasted;

    private SlowModelServer(WebApplication app, int places) => (_app, _places) = (app, new SemaphoreSlim(places));

    /// <summary>The base address, for a model's <c>endpoint</c>.</summary>
    public Uri Endpoint => new(new Uri(_app.Urls.First()), "/v1");

    /// <summary>How long it works on one question.</summary>
    public TimeSpan Work { get; set; }

    /// <summary>Questions it was asked.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Of them, those whose caller had gone when the answer was there.</summary>
    public int Wasted => Volatile.Read(ref _wasted);

    /// <summary>Starts it on a free port.</summary>
    /// <param name="places">Questions it works on at once.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<SlowModelServer> StartAsync(int places, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new SlowModelServer(app, places);
        app.MapPost("/v1/chat/completions", server.AnswerAsync);
        await app.StartAsync(cancellationToken);
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _places.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _calls);
        await _places.WaitAsync(CancellationToken.None);
        try
        {
            await Task.Delay(Work, TimeProvider.System, CancellationToken.None);
        }
        finally
        {
            _places.Release();
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            Interlocked.Increment(ref _wasted);
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Answer, context.RequestAborted);
    }
}
