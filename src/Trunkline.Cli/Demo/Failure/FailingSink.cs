using System.Text.Json;

namespace Trunkline.Cli.Demo.Failure;

/// <summary>A receiver of webhooks that can die and come back; it keeps what it took, in order. Loopback only. Thread-safe.</summary>
internal sealed class FailingSink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<(string Conversation, int Number)> _taken = [];
    private volatile bool _isDead = true;
    private int _refused;

    private FailingSink(WebApplication app) => _app = app;

    /// <summary>Where webhooks go.</summary>
    public Uri Address => new(new Uri(_app.Urls.First()), "/mails");

    /// <summary>Requests that came while it was dead.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>What it took so far.</summary>
    public IReadOnlyList<(string Conversation, int Number)> Taken
    {
        get
        {
            lock (_lock)
            {
                return [.. _taken];
            }
        }
    }

    /// <summary>Starts it, dead.</summary>
    public static async Task<FailingSink> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var sink = new FailingSink(app);
        app.MapPost("/mails", sink.ReceiveAsync);
        await app.StartAsync(cancellationToken);
        return sink;
    }

    /// <summary>It takes what comes from now on.</summary>
    public void Recover() => _isDead = false;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        if (_isDead)
        {
            Interlocked.Increment(ref _refused);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using var mail = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        lock (_lock)
        {
            _taken.Add((mail.RootElement.GetProperty("conversation").GetString()!, mail.RootElement.GetProperty("number").GetInt32()));
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
