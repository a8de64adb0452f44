using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Cli.Demo;

/// <summary>
/// A receiver of webhooks as a user would write one: checks the signature (Standard Webhooks 1.0.0: HMAC-SHA256 over
/// <c>id.timestamp.body</c>), takes each id once and counts repeats. Loopback only. Thread-safe.
/// </summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private const int IdLengthMax = 512;
    private const long RequestBytesMax = 64 * 1024 * 1024;

    private readonly WebApplication _app;
    private readonly WebhookJournal _journal;
    private readonly byte[] _key;
    private int _refused;

    private WebhookReceiver(WebApplication app, WebhookJournal journal, byte[] key)
    {
        _app = app;
        _journal = journal;
        _key = key;
    }

    /// <summary>Where webhooks go.</summary>
    public Uri Address => new(new Uri(_app.Urls.First()), "/urgent");

    /// <summary>Webhooks whose signature did not fit.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Starts it.</summary>
    /// <param name="port">The port; 0 for a free one. A resumed demo keeps the port its flows were applied with.</param>
    /// <param name="secret">What webhooks are signed with: <c>whsec_</c> and base64.</param>
    /// <param name="journal">Where they are counted; stays the caller's.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<WebhookReceiver> StartAsync(int port, string secret, WebhookJournal journal, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(FormattableString.Invariant($"http://127.0.0.1:{port}"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = RequestBytesMax);
        var app = builder.Build();
        var receiver = new WebhookReceiver(app, journal, Convert.FromBase64String(secret.Replace("whsec_", "", StringComparison.Ordinal)));
        app.MapPost("/urgent", receiver.ReceiveAsync);
        await app.StartAsync(cancellationToken);
        return receiver;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var headers = context.Request.Headers;
        var id = headers["webhook-id"].ToString();
        if (id.Length is 0 or > IdLengthMax || id.Any(char.IsControl) || !IsSigned(id, headers["webhook-timestamp"].ToString(), body.ToArray(), headers["webhook-signature"].ToString()))
        {
            Interlocked.Increment(ref _refused);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        _journal.Add(id);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>The header may hold several signatures, parted by spaces, while a secret is being changed.</summary>
    private bool IsSigned(string id, string timestamp, byte[] body, string signatures)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(_key, signed)));
        return signatures.Split(' ').Any(signature => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), expected));
    }
}
