using Microsoft.AspNetCore.Http.Features;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api;

/// <summary>
/// <c>GET /api/v1/topics/{topic}/stream</c>: server-sent events (WHATWG HTML, 9.2). Each event's id is a cursor over all
/// partitions read, so that a client that comes back with <c>Last-Event-ID</c> misses nothing and sees nothing twice.
/// One batch is held at a time and nothing is read ahead of a slow client; one slower than Kestrel's data rate is cut off.
/// </summary>
internal static class StreamEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/topics/{topic}/stream", StreamAsync)
        .WithName("stream").WithTags("messages").WithSummary("Follows a topic as server-sent events.")
        .WithDescription("Begins at the end, or where from (earliest, latest), partition with offset, time, cursor or the header Last-Event-ID say. "
            + "The id of an event is the cursor to come back with. A comment is sent when nothing happens.")
        .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task StreamAsync(
        string topic, HttpContext context, IBroker broker, StreamLimits limits, TimeProvider clock,
        int? partition = null, long? offset = null, string? time = null, string? cursor = null, string? from = null)
    {
        TopicNames.Check(topic);
        if (from is not (null or "earliest" or "latest"))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, "from is earliest or latest.");
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, limits.Stopping);
        var resume = context.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } last] ? last : cursor;
        var start = resume is null ? new ReadStart(partition, offset, ReadStart.ParseTime(time), null) : new ReadStart(null, null, null, resume);
        var description = await broker.DescribeTopicAsync(topic, ended.Token);
        var place = await start.ResolveAsync(broker, description, from == "earliest" ? ReadStart.Fallback.Earliest : ReadStart.Fallback.Latest, ended.Token);
        using var slot = limits.Enter();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await new TopicStream(context.Response.BodyWriter, broker, topic, clock).RunAsync(place, limits.Heartbeat, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client left or the node stops: either way the stream ends here, and the client's cursor holds.
        }
    }
}
