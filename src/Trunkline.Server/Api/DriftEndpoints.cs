using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Core.Security;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Api.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Hosting;
using Trunkline.Server.Releases;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Api;

/// <summary>What the messages of topics hold: drift, and schemas made from them.</summary>
internal static class DriftEndpoints
{
    private const int NeverSeenMax = 100;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/drift", List).WithName("listDriftAlarms").WithTags("contracts").WithSummary("Alarms about drift in any topic, newest first.").Requires(Scopes.Read);
        routes.MapGet("/api/v1/topics/{topic}/drift", Show).WithName("showDrift").WithTags("contracts")
            .WithSummary("What the producers of a topic write, and how that changed.")
            .WithDescription("The first 1,000 messages of a producer tell what is usual; every 200 after that are compared. Examples are masked. Alarms are messages of trunkline.drift too.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
        routes.MapPost("/api/v1/topics/{topic}/drift/learn", LearnAsync).WithName("learnAnew").WithTags("contracts")
            .WithSummary("Takes what comes from now on for what is usual, and closes the topic's alarms.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Operate);
        routes.MapGet("/api/v1/topics/{topic}/schema", Infer).WithName("inferSchema").WithTags("contracts")
            .WithSummary("A schema for what came into a topic: format json, avro or protobuf.")
            .ProducesProblem(StatusCodes.Status404NotFound, ProblemTypes.Json).Requires(Scopes.Read);
    }

    private static Ok<DriftAlarmList> List([FromServices] TrafficDesk desk) => TypedResults.Ok(new DriftAlarmList([.. desk.Book.Of(null).Select(View)]));

    private static Ok<TopicDriftView> Show(string topic, Node node, [FromServices] TrafficDesk desk)
    {
        var config = Topic(topic, node);
        return TypedResults.Ok(new TopicDriftView
        {
            Topic = topic,
            Subject = config.Subject,
            Owner = config.Owner,
            Producers = desk.Look(topic, traffic => traffic.Producers.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => View(one.Key, one.Value)).ToList()) ?? [],
            Alarms = [.. desk.Book.Of(topic).Select(View)],
        });
    }

    private static async Task<Ok<LearnedAnew>> LearnAsync(string topic, HttpContext context, Node node, [FromServices] TrafficDesk desk, [FromServices] ProjectReleases releases)
    {
        Topic(topic, node);
        await context.RecordAsync(releases.Changes, "learn-anew", $"topic {topic}");
        return TypedResults.Ok(new LearnedAnew(await desk.LearnAnewAsync(topic, context.RequestAborted)));
    }

    private static Ok<InferredSchemaView> Infer(string topic, Node node, [FromServices] TrafficDesk desk, string? format = null)
    {
        Topic(topic, node);
        var wanted = format ?? "json";
        if (!SchemaProposal.Formats.Contains(wanted))
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"format is {string.Join(", ", SchemaProposal.Formats)}.");
        }

        return desk.Look(topic, traffic => SeenField.Of(traffic.Producers.Values)) is { } seen
            ? TypedResults.Ok(new InferredSchemaView(topic, wanted, seen.Present, SchemaProposal.Of(seen, topic, wanted)))
            : throw new ProblemException(ErrorCodes.RequestNotFound, $"Nothing was read from topic {topic} since the node started that has fields.");
    }

    private static TopicConfig Topic(string topic, Node node)
    {
        TopicNames.Check(topic);
        return node.Project.Topics.GetValueOrDefault(topic) ?? throw new ProblemException(ErrorCodes.TopicNotFound, $"The project has no topic {topic}.");
    }

    private static ProducerView View(string producer, ProducerProfile profile) => new()
    {
        Producer = producer,
        Messages = profile.Messages,
        Learned = profile.IsLearned,
        Fields = profile.Root.All().Count() - 1,
        Opaque = profile.Opaque,
        Versions = [.. profile.Versions.OrderByDescending(one => one.Value).Select(one => new VersionShareView(one.Key, (double)one.Value / profile.Messages))],
        NeverSeen = profile.NeverSeen()?.Take(NeverSeenMax).ToList(),
    };

    private static DriftAlarmView View(DriftAlarm alarm) => new()
    {
        Topic = alarm.Topic,
        Producer = alarm.Producer,
        Field = alarm.Field,
        Kind = alarm.Kind,
        Was = alarm.Was,
        Now = alarm.Now,
        Example = alarm.Example,
        Owner = alarm.Owner,
        At = alarm.At,
        ClosedAt = alarm.ClosedAt,
    };
}
