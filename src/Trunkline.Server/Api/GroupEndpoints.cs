using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api;

/// <summary>
/// Durable consumers in any language: <c>fetch</c> lends messages for a while, <c>ack</c> completes them, <c>nack</c> gives them
/// back, <c>extend</c> keeps them longer. Messages of a key come one after the other.
/// </summary>
internal static class GroupEndpoints
{
    private const int LeasesMax = 1000;
    private const int RequestBytesMax = 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var groups = routes.MapGroup("/api/v1/topics/{topic}/groups/{group}").WithTags("groups").Requires(Scopes.Read)
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax));
        groups.MapPost("/fetch", FetchAsync).WithName("fetch").WithSummary("Lends messages of a group.")
            .WithDescription("Leases last 30 s unless leaseMs says otherwise. A message neither acknowledged nor extended in time comes again, after five times it goes to the dead letters of the group.")
            .Produces<FetchResponse>().ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json);
        groups.MapPost("/ack", AckAsync).WithName("ack").WithSummary("Completes messages; durable when it answers.");
        groups.MapPost("/nack", NackAsync).WithName("nack").WithSummary("Gives messages back, to come again after a delay.");
        groups.MapPost("/extend", ExtendAsync).WithName("extend").WithSummary("Makes leases last longer.");
    }

    private static async Task FetchAsync(
        string topic, string group, HttpContext context, GroupConsumers consumers, StreamLimits limits, TopicContracts contracts, FetchRequest? request = null)
    {
        CheckNames(topic, group);
        request ??= new FetchRequest();
        var max = Within("max", request.Max, 1, LeasesMax, 100);
        var wait = Within("waitMs", request.WaitMs, 0, 30_000, 0);
        var lease = Within("leaseMs", request.LeaseMs, 1000, 3_600_000, 30_000);
        var start = request.Start switch
        {
            null or "earliest" => SubscribeStart.Earliest,
            "latest" => SubscribeStart.Latest,
            _ => throw new ProblemException(ErrorCodes.RequestParameterInvalid, "start is earliest or latest."),
        };
        contracts.CheckVersion(topic, request.SchemaVersion);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, limits.Stopping);
        var consumer = await consumers.OpenAsync(topic, group, start, ended.Token);
        IReadOnlyList<LeasedDelivery> lent;
        try
        {
            lent = await contracts.PassAsync(topic, (consumer, request.SchemaVersion), await consumer.FetchAsync(max, TimeSpan.FromMilliseconds(wait), ended.Token), ended.Token);
            if (request.LeaseMs is not null && lent.Count > 0)
            {
                consumer.Extend([.. lent.Select(d => d.Receipt)], TimeSpan.FromMilliseconds(lease));
            }
        }
        catch (OperationCanceledException) when (limits.Stopping.IsCancellationRequested)
        {
            // The node stops: the client, told that nothing came, asks again and finds the next node.
            lent = [];
        }
        catch (Exception failure) when (failure is BrokerException or ObjectDisposedException)
        {
            await consumers.CloseAsync(topic, group, consumer);
            throw;
        }

        try
        {
            MessageSpans.Received(topic, group, lent);
            await WriteAsync(context, topic, lent, TimeSpan.FromMilliseconds(lease));
        }
        finally
        {
            if (context.RequestAborted.IsCancellationRequested && lent.Count > 0)
            {
                // Whoever asked has gone, and will not settle them: others need not wait for the end of leases nobody holds.
                consumer.Nack([.. lent.Select(d => d.Receipt)], TimeSpan.Zero);
            }
        }
    }

    private static async Task WriteAsync(HttpContext context, string topic, IReadOnlyList<LeasedDelivery> lent, TimeSpan lease)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, EventWriter.Options);
        writer.WriteStartObject();
        writer.WriteStartArray("messages"u8);
        foreach (var delivery in lent)
        {
            writer.WriteStartObject();
            writer.WriteString("lease"u8, delivery.Receipt.ToString());
            writer.WriteNumber("attempt"u8, delivery.DeliveryCount);
            writer.WriteString("expiresAt"u8, delivery.LeasedUntil - TimeSpan.FromSeconds(30) + lease);
            writer.WritePropertyName("event"u8);
            EventWriter.Write(writer, topic, delivery.Stored);
            writer.WriteEndObject();
            await writer.FlushAsync(context.RequestAborted);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    private static async Task<Ok<LeaseResponse>> AckAsync(string topic, string group, AckRequest request, GroupConsumers consumers, CancellationToken cancellationToken) =>
        TypedResults.Ok(await SettleAsync(
            (topic, group), request.Leases, consumers, (consumer, receipts) => consumer.AckAsync(receipts, cancellationToken), cancellationToken));

    private static async Task<Ok<LeaseResponse>> NackAsync(string topic, string group, NackRequest request, GroupConsumers consumers, CancellationToken cancellationToken)
    {
        var delay = TimeSpan.FromMilliseconds(Within("delayMs", request.DelayMs, 0, 3_600_000, 0));
        return TypedResults.Ok(await SettleAsync(
            (topic, group), request.Leases, consumers, (consumer, receipts) => ValueTask.FromResult(consumer.Nack(receipts, delay)), cancellationToken));
    }

    private static async Task<Ok<LeaseResponse>> ExtendAsync(string topic, string group, ExtendRequest request, GroupConsumers consumers, CancellationToken cancellationToken)
    {
        var lease = TimeSpan.FromMilliseconds(Within("leaseMs", request.LeaseMs, 1000, 3_600_000, 30_000));
        return TypedResults.Ok(await SettleAsync(
            (topic, group), request.Leases, consumers, (consumer, receipts) => ValueTask.FromResult(consumer.Extend(receipts, lease)), cancellationToken));
    }

    private static async Task<LeaseResponse> SettleAsync(
        (string Topic, string Group) place, IReadOnlyList<string>? leases, GroupConsumers consumers,
        Func<LeasedConsumer, IReadOnlyList<Receipt>, ValueTask<IReadOnlyList<LeaseOutcome>>> settle, CancellationToken cancellationToken)
    {
        CheckNames(place.Topic, place.Group);
        var receipts = Receipts(leases);
        if (await consumers.FindAsync(place.Topic, place.Group, cancellationToken) is not { } consumer)
        {
            return new LeaseResponse([], leases!);
        }

        try
        {
            var outcomes = await settle(consumer, receipts);
            var told = leases!.Zip(outcomes).ToLookup(p => p.Second, p => p.First);
            return new LeaseResponse([.. told[LeaseOutcome.Done]], [.. told[LeaseOutcome.Stale]]);
        }
        catch (Exception failure) when (failure is BrokerException or ObjectDisposedException)
        {
            await consumers.CloseAsync(place.Topic, place.Group, consumer);
            throw;
        }
    }

    private static List<Receipt> Receipts(IReadOnlyList<string>? leases)
    {
        if (leases is not { Count: > 0 and <= LeasesMax })
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"leases holds 1 to {LeasesMax} leases.");
        }

        return [.. leases.Select(lease => Receipt.TryParse(lease, out var receipt)
            ? receipt
            : throw new ProblemException(ErrorCodes.LeaseInvalid, "A lease is not one a fetch gave."))];
    }

    /// <summary>Refuses names that cannot be, and groups that are the node's own.</summary>
    public static void CheckNames(string topic, string group)
    {
        TopicNames.Check(topic);
        if (!TopicName.IsValid(group))
        {
            throw new ProblemException(ErrorCodes.GroupNameInvalid, "The group in the path breaks the rules for names.");
        }

        if (group.StartsWith("flow.", StringComparison.Ordinal) || group.StartsWith("sink.", StringComparison.Ordinal) || TopicName.IsInternal(group))
        {
            throw new ProblemException(ErrorCodes.GroupReserved, $"Group {group} is the node's own.");
        }
    }

    private static int Within(string name, int? value, int min, int max, int fallback) =>
        value is null ? fallback
        : value >= min && value <= max ? value.Value
        : throw new ProblemException(ErrorCodes.RequestParameterInvalid, string.Create(CultureInfo.InvariantCulture, $"{name} is {min} to {max}."));
}
