using Trunkline.Client.Api;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Catalog;

/// <summary>What documents tell of a flow.</summary>
internal static class FlowFacts
{
    /// <summary>The flow as documents tell it.</summary>
    public static CatalogFlow Of(FlowConfig flow, ProjectConfig project) => new()
    {
        Name = flow.Name,
        Owner = flow.Owner,
        From = Source(flow, project),
        Steps = [.. flow.Steps.Select(step => step.Name)],
        Models = [.. flow.Models],
        To = [.. flow.Branches.SelectMany(branch => branch.To.Select(sink => Sink(sink, branch, project)))],
        Order = OrderOf(flow),
        Attempts = flow.Retry.Attempts + flow.Retry.Later.Count,
        OnFailure = flow.OnFailure switch { FailurePolicy.ParkKey => "park-key", FailurePolicy.Stop => "stop", _ => "park-message" },
        DeadlineMs = (long?)flow.Deadline?.TotalMilliseconds,
        WithinMs = (long?)flow.Slo?.Within?.TotalMilliseconds,
        Objectives = [.. (flow.Slo?.Objectives ?? []).Select(one => new CatalogObjective(one.Name, one.Measure.ToString().ToLowerInvariant(), one.Target, one.Window.TotalDays, one.Description))],
    };

    private static string OrderOf(FlowConfig flow) => flow.OnFailure switch
    {
        FailurePolicy.ParkKey => "per key, through retries and redrives: later messages of a key wait behind one that keeps failing",
        FailurePolicy.Stop => "per key, through retries: a partition stops at a message that keeps failing",
        _ => "per key, through retries: a message that keeps failing goes to the dead letters, and later ones of its key go on",
    };

    private static CatalogPlace Source(FlowConfig flow, ProjectConfig project) => flow.From switch
    {
        TopicSourceConfig topic => new("topic", topic.Topic) { Subject = SubjectOf(topic.Topic, project) },
        HttpSourceConfig http => new("http", "/in" + http.Path) { Subject = PassedSubject(flow, project) },
        WebhookSourceConfig hook => new("webhook", "/hooks" + hook.Path) { SignedBy = SignedBy(hook.Verify), Subject = PassedSubject(flow, project) },
        WebSocketSourceConfig socket => new("websocket", "/in" + socket.Path) { Subject = PassedSubject(flow, project) },

        // Folders and accounts of the machine mean nothing to others, and are other ones in each checkout.
        var other => new(other.Shown.Split(':')[0], null),
    };

    private static CatalogPlace Sink(SinkConfig sink, BranchConfig branch, ProjectConfig project)
    {
        var place = sink switch
        {
            TopicSinkConfig topic => new CatalogPlace("topic", topic.Topic)
            {
                Subject = SubjectOf(topic.Topic, project),
                Delivery = "exactly once within the topics of the node's broker: output and position are one unit",
            },
            LiveSinkConfig live => new(live.Live == LiveKind.Sse ? "sse" : "websocket", "/out" + live.Path) { Delivery = "at least once to each client that follows with its cursor" },
            WebhookSinkConfig hook => new("webhook", hook.Shown) { Delivery = Repeated },
            OutboxSinkConfig outbox => new(outbox.Kind, null) { Delivery = Repeated },
            _ => new("sink", null),
        };
        return place with { Sink = sink.Name, When = branch.When };
    }

    private const string Repeated = "at least once, with an idempotency key that stays the same";

    /// <summary>The subject of what comes in from outside, where the flow stores it as it came.</summary>
    private static string? PassedSubject(FlowConfig flow, ProjectConfig project) =>
        flow.Steps.All(step => step is FilterStepConfig or ThrottleStepConfig or ParseStepConfig { Format: "json" })
        && flow.Branches is [{ When: null, To: [TopicSinkConfig sink] }]
            ? SubjectOf(sink.Topic, project)
            : null;

    private static string? SubjectOf(string topic, ProjectConfig project) => project.Topics.GetValueOrDefault(topic)?.Subject;

    private static string SignedBy(HookKind kind) => kind switch
    {
        HookKind.GitHub => "GitHub",
        HookKind.StandardWebhooks => "Standard Webhooks",
        _ => kind.ToString(),
    };
}
