using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Core.Limits;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Api;

/// <summary>Puts together what the project says of a flow and how it stands.</summary>
internal static class FlowViews
{
    private const int StoppedTold = 5;

    public static FlowView Of(FlowSnapshot snapshot, ProjectConfig project, DateTimeOffset now)
    {
        var config = project.Flows.GetValueOrDefault(snapshot.Name);
        return new FlowView
        {
            Name = snapshot.Name,
            State = State(snapshot.State),
            From = snapshot.Source,
            Group = snapshot.Group,
            Revision = snapshot.Revision,
            Owner = config?.Owner,
            Steps = [.. (config?.Steps ?? []).Select(s => s.Name)],
            Models = config is null ? [] : Models(config),
            Sinks = [.. (config?.Branches ?? []).SelectMany(b => b.To).DistinctBy(s => s.Name).Select(s => Sink(s, snapshot, now))],
            Lag = snapshot.Lag,
            InFlight = snapshot.InFlight,
            Received = snapshot.Counts.In,
            Delivered = snapshot.Counts.Delivered,
            Filtered = snapshot.Counts.Filtered,
            DeadLettered = snapshot.Counts.DeadLettered,
            Retries = snapshot.Counts.Retries,
            Timers = snapshot.Timers,
            ParkedKeys = snapshot.ParkedKeys,
            Delayed = snapshot.Delayed,
            Trouble = Trouble(snapshot.State, snapshot.Reason ?? Stopped(snapshot), now),
        };
    }

    /// <summary>Which partitions the failure policy stopped, and why; null if none.</summary>
    private static string? Stopped(FlowSnapshot snapshot) => snapshot.Stopped.Count == 0
        ? null
        : string.Join("; ", snapshot.Stopped.Take(StoppedTold).Select(s => $"partition {s.Partition}: {s.Reason}"))
            + (snapshot.Stopped.Count > StoppedTold ? $"; and {snapshot.Stopped.Count - StoppedTold} more" : "");

    /// <summary>Names of the models a flow calls, in order of their first use.</summary>
    public static IReadOnlyList<string> Models(FlowConfig flow) => [.. flow.Models];

    private static SinkView Sink(SinkConfig sink, FlowSnapshot snapshot, DateTimeOffset now)
    {
        var own = snapshot.Sinks.FirstOrDefault(s => s.Name == sink.Name);
        return sink switch
        {
            TopicSinkConfig topic => new SinkView(sink.Name, "topic", topic.Topic, 0, snapshot.Counts.Out.GetValueOrDefault(sink.Name), null),
            OutboxSinkConfig outbox => new SinkView(
                sink.Name, outbox.Kind, outbox.Shown, own?.Lag ?? 0, own?.Delivered ?? 0, Trouble(own, now), Breaker(own?.Breaker)),
            _ => throw new InvalidOperationException($"sink '{sink.Name}' is of no known kind"),
        };
    }

    private static TroubleView? Trouble(SinkSnapshot? sink, DateTimeOffset now) =>
        Trouble(sink?.State ?? FlowState.Running, sink?.Reason, now) ?? (sink?.Breaker is { Since: { } since } open ? new TroubleView(
            "sink.paused",
            string.Create(CultureInfo.InvariantCulture, $"It pauses after {open.Failures} failures in a row, the latest: {open.Reason}. Its messages wait")
                + (open.NextProbe is { } next ? string.Create(CultureInfo.InvariantCulture, $"; next try at {next:HH:mm:ss} UTC.") : "; a try is under way, or comes with the next message."),
            since) : null);

    private static BreakerView? Breaker(BreakerReport? breaker) =>
        breaker is null ? null : new BreakerView(breaker.State.ToString().ToLowerInvariant(), breaker.Failures, breaker.Since, breaker.NextProbe);

    private static TroubleView? Trouble(FlowState state, string? reason, DateTimeOffset now) => (state, reason) switch
    {
        (FlowState.Failed, _) => new TroubleView("flow.failed", reason ?? "The flow failed.", now),
        (FlowState.PartlyStopped, _) => new TroubleView("flow.stopped", reason ?? "The failure policy stopped partitions.", now),
        (_, null) => null,
        _ => new TroubleView("flow.waiting", reason, now),
    };

    private static string State(FlowState state) => state switch
    {
        FlowState.PartlyStopped => "partly-stopped",
        _ => state.ToString().ToLowerInvariant(),
    };
}
