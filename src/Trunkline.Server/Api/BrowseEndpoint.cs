using System.Globalization;
using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api;

/// <summary><c>GET /api/v1/topics/{topic}/messages</c>: pages of a topic, by partition and offset, by time, or by cursor.</summary>
internal static class BrowseEndpoint
{
    private const int LimitDefault = 100;
    private const int LimitMax = 1000;
    private const int FlushBytes = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/topics/{topic}/messages", BrowseAsync)
        .WithName("browse").WithTags("messages").WithSummary("Reads a page of a topic without a group.")
        .WithDescription("Either cursor, or partition with offset or time, or time over all partitions; without any, from the oldest message. "
            + "Over several partitions messages come by time of append. 'next' is the address of the following page.")
        .Produces<MessagesPage>()
        .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json)
        .Requires(Scopes.Read);

    private static async Task BrowseAsync(
        string topic, HttpContext context, IBroker broker, int? partition = null, long? offset = null, string? time = null, string? cursor = null, int limit = LimitDefault)
    {
        TopicNames.Check(topic);
        if (limit is < 1 or > LimitMax)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"limit is 1 to {LimitMax}.");
        }

        var description = await broker.DescribeTopicAsync(topic, context.RequestAborted);
        var start = new ReadStart(partition, offset, ReadStart.ParseTime(time), cursor);
        var from = await start.ResolveAsync(broker, description, ReadStart.Fallback.Earliest, context.RequestAborted);
        var page = await TopicReader.ReadPageAsync(broker, topic, from, limit, context.RequestAborted);
        await WriteAsync(context, topic, page, limit);
    }

    private static async Task WriteAsync(HttpContext context, string topic, TopicReader.Page page, int limit)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, EventWriter.Options);
        writer.WriteStartObject();
        writer.WriteStartArray("messages"u8);
        foreach (var stored in page.Messages)
        {
            EventWriter.Write(writer, topic, stored);
            if (writer.BytesPending + context.Response.BodyWriter.UnflushedBytes > FlushBytes)
            {
                await writer.FlushAsync(context.RequestAborted);
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            }
        }

        writer.WriteEndArray();
        writer.WriteString("next"u8, string.Create(CultureInfo.InvariantCulture, $"/api/v1/topics/{topic}/messages?cursor={page.Next.Format(topic)}&limit={limit}"));
        writer.WriteBoolean("end"u8, page.End);
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }
}
