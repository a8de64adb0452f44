using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Hosting;
using Trunkline.Server.Releases;
using Trunkline.Server.Api.Security;

namespace Trunkline.Server.Api;

/// <summary>Topics: list, describe, create.</summary>
internal static class TopicEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/topics", ListAsync).WithName("listTopics").WithTags("topics").WithSummary("Lists topics.")
            .Requires(Scopes.Read);
        routes.MapGet("/api/v1/topics/{topic}", DescribeAsync).WithName("describeTopic").WithTags("topics").WithSummary("Describes a topic and its groups.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/topics", CreateAsync).WithName("createTopic").WithTags("topics").WithSummary("Creates a topic; succeeds if it exists with equal settings.")
            .ProducesProblem(StatusCodes.Status400BadRequest, ProblemTypes.Json).ProducesProblem(StatusCodes.Status409Conflict, ProblemTypes.Json)
            .Requires(Scopes.Operate);
    }

    private static async Task<Ok<TopicList>> ListAsync(IBroker broker, Node node, TopicWatch rates, CancellationToken cancellationToken)
    {
        var topics = await broker.ListTopicsAsync(cancellationToken);
        return TypedResults.Ok(new TopicList([.. topics.Select(t => View(t, node, rates, []))]));
    }

    private static async Task<Ok<TopicView>> DescribeAsync(string topic, IBroker broker, Node node, TopicWatch rates, CancellationToken cancellationToken)
    {
        TopicNames.Check(topic);
        var description = await broker.DescribeTopicAsync(topic, cancellationToken);
        var groups = await broker.DescribeGroupsAsync(topic, cancellationToken);
        return TypedResults.Ok(View(description, node, rates, groups));
    }

    private static async Task<Created<TopicView>> CreateAsync(
        CreateTopicRequest request, HttpContext context, IBroker broker, Node node, [FromServices] ProjectReleases releases)
    {
        TopicNames.CheckWritable(request.Name);
        var existed = (await broker.ListTopicsAsync(context.RequestAborted)).Any(t => t.Settings.Name == request.Name);
        await broker.CreateTopicAsync(Settings(request), context.RequestAborted);
        if (!existed)
        {
            await context.RecordAsync(releases.Changes, "create", $"topic {request.Name}");
        }

        var description = await broker.DescribeTopicAsync(request.Name, context.RequestAborted);
        return TypedResults.Created($"/api/v1/topics/{request.Name}", View(description, node, null, []));
    }

    private static TopicSettings Settings(CreateTopicRequest request)
    {
        var defaults = new TopicSettings { Name = request.Name };
        return defaults with
        {
            Partitions = (int)Within("partitions", request.Partitions, 1, 1024, defaults.Partitions)!,
            Durability = ParseDurability(request.Durability),
            RetentionAge = Within("retentionAgeMs", request.RetentionAgeMs, 1, long.MaxValue / 10_000, null) is { } age ? TimeSpan.FromMilliseconds(age) : null,
            RetentionBytes = Within("retentionBytes", request.RetentionBytes, 1, long.MaxValue, null),
            DedupeWindow = TimeSpan.FromMilliseconds((long)Within("dedupeWindowMs", request.DedupeWindowMs, 0, 30L * 24 * 3600 * 1000, (long)defaults.DedupeWindow.TotalMilliseconds)!),
            MessageBytesMax = (int)Within("messageBytesMax", request.MessageBytesMax, 1, 256 * 1024 * 1024, defaults.MessageBytesMax)!,
            Compacted = request.Compacted ?? false,
        };
    }

    private static long? Within(string name, long? value, long min, long max, long? fallback) =>
        value is null ? fallback
        : value >= min && value <= max ? value
        : throw new ProblemException(ErrorCodes.RequestParameterInvalid, string.Create(CultureInfo.InvariantCulture, $"{name} is {min} to {max}."));

    private static Durability ParseDurability(string? text) => text switch
    {
        null or "sync" => Durability.Sync,
        "none" => Durability.None,
        _ when text.StartsWith("interval(", StringComparison.Ordinal) && text.EndsWith("ms)", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(9, text.Length - 12), NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms is >= 1 and <= 60_000 =>
            new Durability(DurabilityKind.Interval, TimeSpan.FromMilliseconds(ms)),
        _ => throw new ProblemException(ErrorCodes.RequestParameterInvalid, "durability is sync, none or interval(1ms) to interval(60000ms)."),
    };

    private static TopicView View(TopicDescription topic, Node node, TopicWatch? rates, IReadOnlyList<GroupDescription> groups)
    {
        var settings = topic.Settings;
        var config = node.Project.Topics.GetValueOrDefault(settings.Name);
        return new TopicView
        {
            Name = settings.Name,
            Internal = TopicName.IsInternal(settings.Name),
            Durability = settings.Durability.ToString(),
            RetentionAgeMs = (long?)settings.RetentionAge?.TotalMilliseconds,
            RetentionBytes = settings.RetentionBytes,
            DedupeWindowMs = (long)settings.DedupeWindow.TotalMilliseconds,
            MessageBytesMax = settings.MessageBytesMax,
            Compacted = settings.Compacted,
            Subject = config?.Subject,
            Owner = config?.Owner,
            Sunset = config?.Deprecated?.Sunset,
            Messages = topic.Partitions.Sum(p => p.HighOffset - p.LowOffset),
            StoredBytes = topic.Partitions.Sum(p => p.StoredBytes),
            LastAppendedAt = topic.Partitions.Max(p => p.LastAppendedAt),
            AppendRate = rates?.PerSecond(settings.Name),
            Partitions = [.. topic.Partitions.Select(p => new PartitionView(p.Partition, p.LowOffset, p.HighOffset, p.StoredBytes, p.LastAppendedAt))],
            Groups = [.. groups.Select(GroupOf)],
        };
    }

    internal static GroupView GroupOf(GroupDescription group) => new(
        group.Group,
        group.Partitions.Sum(p => p.Lag),
        [.. group.Partitions.Select(p => new GroupPartitionView(p.Partition, p.Next, p.Lag, p.OldestAppendedAt))]);
}
