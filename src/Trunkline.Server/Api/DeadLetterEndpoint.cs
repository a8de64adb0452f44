using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/dead</c>: what flows and groups could not process, with its cause, topic by topic.</summary>
internal static class DeadLetterEndpoint
{
    private const string Suffix = ".dead";
    private const int LimitMax = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/dead", ListAsync)
        .WithName("listDeadLetters").WithTags("dead letters").WithSummary("Lists dead letters of a flow, or of all.")
        .Produces<DeadLetterPage>().ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task ListAsync(HttpContext context, IBroker broker, string? flow = null, string? cursor = null, int limit = 100)
    {
        if (limit is < 1 or > LimitMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}.");
        }

        var topics = await TopicsAsync(broker, flow, context.RequestAborted);
        var (topic, place) = Resume(cursor, topics);
        var found = new List<(string Topic, StoredMessage Stored)>();
        while (topic is not null && found.Count < limit)
        {
            var page = await TopicReader.ReadPageAsync(broker, topic.Settings.Name, place ?? Oldest(topic), limit - found.Count, context.RequestAborted);
            found.AddRange(page.Messages.Select(m => (topic.Settings.Name, m)));
            place = page.End ? null : page.Next;
            topic = page.End ? topics.Find(t => string.CompareOrdinal(t.Settings.Name, topic.Settings.Name) > 0) : topic;
        }

        var next = topic is null ? null : $"{topic.Settings.Name}~{(place ?? Oldest(topic)).Format(topic.Settings.Name)}";
        var query = flow is null ? "" : $"&flow={Uri.EscapeDataString(flow)}";
        await WriteAsync(
            context,
            found,
            next is null ? null : string.Create(CultureInfo.InvariantCulture, $"/api/v1/dead?cursor={next}&limit={limit}{query}"),
            topics.Sum(t => t.Partitions.Sum(p => p.HighOffset - p.LowOffset)));
    }

    private static async ValueTask<List<TopicDescription>> TopicsAsync(IBroker broker, string? flow, CancellationToken cancellationToken)
    {
        if (flow is null)
        {
            var all = await broker.ListTopicsAsync(cancellationToken);
            return [.. all.Where(t => t.Settings.Name.EndsWith(Suffix, StringComparison.Ordinal)).OrderBy(t => t.Settings.Name, StringComparer.Ordinal)];
        }

        TopicNames.Check(flow + Suffix);
        try
        {
            return [await broker.DescribeTopicAsync(flow + Suffix, cancellationToken)];
        }
        catch (BrokerException missing) when (missing.Code == BrokerErrorCode.TopicNotFound)
        {
            throw new ProblemException(ErrorCodes.FlowNotFound, $"There is no flow or group {flow} with dead letters.", missing);
        }
    }

    private static (TopicDescription? Topic, TopicCursor? Place) Resume(string? cursor, List<TopicDescription> topics)
    {
        if (cursor is null)
        {
            return (topics.Count > 0 ? topics[0] : null, null);
        }

        var split = cursor.IndexOf('~', StringComparison.Ordinal);
        var topic = split > 0 ? topics.Find(t => t.Settings.Name == cursor[..split]) : null;
        return topic is null
            ? throw new ProblemException(ErrorCodes.CursorInvalid, "The cursor is not one this node gave for these dead letters.")
            : (topic, TopicCursor.Parse(cursor[(split + 1)..], topic.Settings.Name, topic.Partitions.Count));
    }

    private static TopicCursor Oldest(TopicDescription topic) => TopicCursor.All([.. topic.Partitions.Select(p => p.LowOffset)]);

    private static async Task WriteAsync(HttpContext context, List<(string Topic, StoredMessage Stored)> found, string? next, long total)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, EventWriter.Options);
        writer.WriteStartObject();
        writer.WriteStartArray("deadLetters"u8);
        foreach (var (topic, stored) in found)
        {
            var headers = stored.Message.Headers;
            writer.WriteStartObject();
            writer.WriteString("flow"u8, headers.Text(HeaderNames.Flow) ?? topic[..^Suffix.Length]);
            writer.WriteString("cause"u8, headers.Text(HeaderNames.Cause) ?? "unknown");
            WriteText(writer, "detail"u8, headers.Text(HeaderNames.CauseDetail));
            WriteText(writer, "step"u8, headers.Text(HeaderNames.Step));
            writer.WriteNumber("attempts"u8, int.TryParse(headers.Text(HeaderNames.Attempts), CultureInfo.InvariantCulture, out var attempts) ? attempts : 0);
            WriteText(writer, "position"u8, headers.Text(HeaderNames.Position));
            writer.WritePropertyName("event"u8);
            EventWriter.Write(writer, topic, stored);
            writer.WriteEndObject();
            await writer.FlushAsync(context.RequestAborted);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        writer.WriteEndArray();
        WriteText(writer, "next"u8, next);
        writer.WriteNumber("total"u8, total);
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }
}
