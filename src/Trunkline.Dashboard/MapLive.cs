using Microsoft.Extensions.Hosting;
using Trunkline.Client;
using Trunkline.Dashboard.Map;

namespace Trunkline.Dashboard;

/// <summary>The stream that keeps the map up to date: server-sent events, twice a second, with what changed only.</summary>
internal static class MapLive
{
    /// <summary>
    /// How long a stream lasts; the browser then opens another, which the node's guard looks at. Readings are shared, so that a stream may go on without asking the
    /// node, and would not learn that its token has expired.
    /// </summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(5);

    public static async Task StreamAsync([AsParameters] Look look, MapFeed feed, IHostApplicationLifetime host)
    {
        var (context, clock) = (look.Context, look.Clock);
        if (!feed.TryEnter())
        {
            // The page stays as it is, and the browser asks again later.
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "15";
            return;
        }

        using var over = new CancellationTokenSource(Lasts, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping, over.Token);
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            await SendAsync(look, feed, ended.Token);
        }
        catch (OperationCanceledException)
        {
            // Whoever looked has gone, the stream has lasted long enough, or the node stops.
        }
        catch (Exception away) when (away is NodeUnreachableException or TrunklineException)
        {
            // The stream ends; the browser asks again, and learns then what is the matter.
        }
        finally
        {
            feed.Leave();
        }
    }

    private static async Task SendAsync(Look look, MapFeed feed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(MapFeed.Interval, look.Clock);
        var (question, body) = (MapPages.Question(look), look.Context.Response.Body);
        MapWriting? seen = null;
        while (true)
        {
            var now = await feed.ReadAsync(look.Connect, question, cancellationToken);
            if (now.EventFor(seen) is { IsEmpty: false } news)
            {
                await body.WriteAsync(news, cancellationToken);
                await body.FlushAsync(cancellationToken);
            }

            seen = now.Writing;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
