using Microsoft.AspNetCore.Mvc;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api.Live;

/// <summary>
/// <c>GET /out/…</c>: a client follows what a flow sends to that path, by server-sent events or over a WebSocket. Where the sink has a secret, a ticket says whose messages it gets.
/// </summary>
internal static class LiveEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/out/{**path}", FollowAsync)
        .WithName("follow").WithTags("flows").WithSummary("Follows the messages a flow sends to a sink sse or websocket of this path.")
        .WithDescription("Begins at the end, or from=earliest, or behind the cursor (header Last-Event-ID or parameter cursor). With tickets: ?ticket= and the messages of its key; "
            + "else a token with scope read, and key= for those of one key.")
        .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
        .ProducesProblem(StatusCodes.Status401Unauthorized, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable, ProblemTypes.Json)
        .Requires(Scopes.None);

    private static async Task FollowAsync(
        string path, HttpContext context, IBroker broker, Node node, [FromServices] LiveTails tails, [FromServices] LiveTickets tickets, [FromServices] SecurityRules rules,
        StreamLimits limits, TimeProvider time, string? key = null, string? cursor = null, string? from = null)
    {
        var kind = context.WebSockets.IsWebSocketRequest ? LiveKind.WebSocket : LiveKind.Sse;
        var found = LiveSinks.Find(node.Project, kind, "/" + path) ?? throw new ProblemException(
            ErrorCodes.RequestNotFound, kind == LiveKind.Sse ? "No flow sends server-sent events to this path." : "No flow sends to WebSockets at this path.");
        var ticket = await AuthenticateAsync(context, found.Sink, tickets, rules);
        if (from is not (null or "earliest" or "latest") || (ticket is not null && key is not null))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, "from is earliest or latest; with a ticket there is no key, which it names itself.");
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, limits.Stopping);
        await using var seat = await tails.EnterAsync(found, ended.Token)
            ?? throw new ProblemException(ErrorCodes.BrokerOverloaded, $"{found.Sink.ClientsMax} clients follow already.") { RetryAfter = TimeSpan.FromSeconds(5) };
        var wanted = ticket?.Key ?? (key is null ? null : MessageKey.FromText(key));
        var resume = context.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } last] ? last : cursor;
        var place = await PlaceAsync(broker, found.Topic, wanted, resume, from == "earliest", ended.Token);
        var items = new LiveReading(broker, seat.Tail, new LiveRequest(found.Topic, wanted, place), time).ReadAsync(limits.Heartbeat, ended.Token);
        var client = new LiveClient(context, time, limits.Stopping)
        {
            Expires = ticket?.Expires,
            IsServed = () => found.IsSame(LiveSinks.Find(node.Project, kind, found.Sink.Path)),
        };
        await (kind == LiveKind.Sse ? LiveEvents.SendAsync(client, items) : LiveSocket.SendAsync(client, items));
    }

    private static async ValueTask<LiveTicket?> AuthenticateAsync(HttpContext context, LiveSinkConfig sink, LiveTickets tickets, SecurityRules rules)
    {
        if (sink.AsksForTickets)
        {
            return await tickets.ReadAsync(context, sink.Secrets, sink.Shown);
        }

        RequestTokens.Authenticate(context, rules, Scopes.Read);
        return null;
    }

    /// <summary>Where a client begins. One that wants one key reads that key's partition only.</summary>
    private static async ValueTask<TopicCursor> PlaceAsync(IBroker broker, string topic, MessageKey? key, string? resume, bool earliest, CancellationToken cancellationToken)
    {
        var description = await broker.DescribeTopicAsync(topic, cancellationToken);
        var partition = key is { } one ? Murmur2.Partition(one, description.Partitions.Count) : (int?)null;
        var fallback = earliest ? ReadStart.Fallback.Earliest : ReadStart.Fallback.Latest;
        if (resume is null)
        {
            return await new ReadStart(partition, null, null, null).ResolveAsync(broker, description, fallback, cancellationToken);
        }

        var place = await new ReadStart(null, null, null, resume).ResolveAsync(broker, description, fallback, cancellationToken);
        return partition is null || (place.Next.Length == 1 && place.PartitionAt(0) == partition)
            ? place
            : throw new ProblemException(ErrorCodes.CursorInvalid, "The cursor is not one this path gave for this key.");
    }
}
