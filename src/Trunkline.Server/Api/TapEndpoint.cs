using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Hosting;
using Trunkline.Server.Taps;

namespace Trunkline.Server.Api;

/// <summary>
/// <c>GET /api/v1/flows/{flow}/tap</c>: messages as they pass the steps, as server-sent events. Values are masked unless asked for by who
/// may operate. A reader too slow is shown a sample, with the count of what it missed; it holds up no flow.
/// </summary>
internal static class TapEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/flows/{flow}/tap", TapAsync)
        .WithName("tapFlow").WithTags("flows").WithSummary("Follows messages through the steps of a flow as server-sent events.")
        .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
        .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);

    private static async Task TapAsync(
        string flow, HttpContext context, [FromServices] TapBoard taps, StreamLimits limits, Node node, TimeProvider time, string? step = null, bool values = false)
    {
        Check(flow, step, values, context, node.Project);
        using var slot = limits.Enter();
        var tap = taps.Open(flow, step, values)
            ?? throw new ProblemException(ErrorCodes.BrokerOverloaded, $"{TapBoard.TapsMax} taps are open already.") { RetryAfter = TimeSpan.FromSeconds(5) };
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, limits.Stopping);
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.WriteAsync(": trunkline\n\n", ended.Token);
            await context.Response.Body.FlushAsync(ended.Token);
            await SseFormatter.WriteAsync(EventsAsync(tap, limits.Heartbeat, time, ended.Token), context.Response.Body, (item, buffer) =>
            {
                if (item.Data is { } seen)
                {
                    using var json = new Utf8JsonWriter(buffer);
                    JsonSerializer.Serialize(json, seen, ApiJson.Default.TapEventView);
                }
            }, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader left or the node stops.
        }
        finally
        {
            taps.Close(tap);
        }
    }

    /// <summary>Events as they come; an empty one when nothing happens, so that a reader that has gone is found out.</summary>
    private static async IAsyncEnumerable<SseItem<TapEventView?>> EventsAsync(
        Tap tap, TimeSpan heartbeat, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            while (tap.Reader.TryRead(out var seen))
            {
                yield return new SseItem<TapEventView?>(seen);
            }

            using var beat = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var more = tap.Reader.WaitToReadAsync(beat.Token).AsTask();
            var first = await Task.WhenAny(more, Task.Delay(heartbeat, time, beat.Token)).ConfigureAwait(false);
            await beat.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (first != more)
            {
                yield return new SseItem<TapEventView?>(null, "heartbeat");
            }
        }
    }

    private static void Check(string flow, string? step, bool values, HttpContext context, ProjectConfig project)
    {
        var config = project.Flow(flow);
        if (step is not (null or "in" or "out") && config.Steps.All(s => s.Name != step))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"step is one of: {string.Join(", ", config.Steps.Select(s => s.Name).Prepend("in").Append("out"))}.");
        }

        if (values && !context.Caller().Scopes.Permits(Scopes.Operate))
        {
            throw new ProblemException(ErrorCodes.AuthScopeMissing, "Seeing values needs scope operate.");
        }
    }
}
