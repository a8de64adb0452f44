using System.Net.WebSockets;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api.Live;

/// <summary><c>GET /in/…</c>, upgraded: a client sends messages to the flow whose source is that path, and is answered each when the flow has committed it.</summary>
internal static class SocketIntakeEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/in/{**path}", TakeAsync)
        .WithName("sendOverWebSocket").WithTags("flows").WithSummary("Takes messages over a WebSocket for the flow that reads from this path.")
        .WithDescription("A text frame {\"id\",\"data\"} each, answered {\"id\",\"outcome\"} once durable. With tickets: ?ticket=; else a token with scope publish.")
        .Produces(StatusCodes.Status101SwitchingProtocols)
        .ProducesProblem(StatusCodes.Status401Unauthorized, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable, ProblemTypes.Json)
        .Requires(Scopes.None);

    private static async Task TakeAsync(
        string path, HttpContext context, Node node, [FromServices] SocketDoors doors, [FromServices] LiveTickets tickets, [FromServices] SecurityRules rules,
        [FromServices] ClientCounts clients, RequestBody bodies, StreamLimits limits, TimeProvider time)
    {
        var source = node.Project.Flows.Values.Select(flow => flow.From).OfType<WebSocketSourceConfig>().FirstOrDefault(from => from.Path == "/" + path);
        if (source is null || !context.WebSockets.IsWebSocketRequest || !doors.Intakes.TryGet(source.Path, out var intake))
        {
            throw new ProblemException(ErrorCodes.RequestNotFound, source is null ? "No flow takes WebSockets at this path." : "This path takes WebSockets, of a flow that runs.");
        }

        var ticket = await AuthenticateAsync(context, source, tickets, rules);
        using var place = clients.TryEnter(source.Origin(""), source.ClientsMax)
            ?? throw new ProblemException(ErrorCodes.BrokerOverloaded, $"{source.ClientsMax} clients are connected already.") { RetryAfter = TimeSpan.FromSeconds(5) };
        using var expired = new CancellationTokenSource(ticket is null ? Timeout.InfiniteTimeSpan : Left(ticket.Expires - time.GetUtcNow()), time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, limits.Stopping, expired.Token);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var sender = new SocketSender(intake, SourceOf(source, ticket), ticket?.Key, source.FrameBytesMax, bodies);
        using var taking = new SocketIntake(socket, sender, time);
        await taking.RunAsync(
            () => expired.IsCancellationRequested ? (WebSocketCloseStatus.PolicyViolation, "ticket expired") : (WebSocketCloseStatus.EndpointUnavailable, "the node stops"),
            ended.Token);
    }

    private static async ValueTask<LiveTicket?> AuthenticateAsync(HttpContext context, WebSocketSourceConfig source, LiveTickets tickets, SecurityRules rules)
    {
        if (source.Secrets.Count > 0)
        {
            return await tickets.ReadAsync(context, source.Secrets, "/in" + source.Path);
        }

        RequestTokens.Authenticate(context, rules, Scopes.Publish);
        return null;
    }

    // A repeat is told by source and id; nobody can take an id of another ticket's key.
    private static string SourceOf(WebSocketSourceConfig source, LiveTicket? ticket) =>
        "/in" + source.Path + (ticket is null ? "" : "?key=" + Convert.ToHexStringLower(ticket.Key.Bytes.Span));

    // A timer takes 49 days at most; a ticket that holds longer is looked at when the client comes back.
    private static TimeSpan Left(TimeSpan left) => left < TimeSpan.Zero ? TimeSpan.Zero : left < TimeSpan.FromDays(40) ? left : TimeSpan.FromDays(40);
}
