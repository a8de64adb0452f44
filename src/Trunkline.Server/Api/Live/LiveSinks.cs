using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Api.Live;

/// <summary>A sink clients follow.</summary>
/// <param name="Sink">It.</param>
/// <param name="Flow">Its flow.</param>
internal sealed record FoundSink(LiveSinkConfig Sink, string Flow)
{
    /// <summary>Its outbox.</summary>
    public string Topic { get; } = FlowNames.Outbox(Flow, Sink.Name);


    /// <summary>True if clients of this sink may go on with the other: the same outbox, and no secret was withdrawn.</summary>
    public bool IsSame(FoundSink? other) =>
        other is not null && other.Topic == Topic && other.Sink.AsksForTickets == Sink.AsksForTickets && Sink.Secrets.All(other.Sink.Secrets.Contains);
}

/// <summary>Finds the sinks of the project in force by their path.</summary>
internal static class LiveSinks
{
    public static FoundSink? Find(ProjectConfig project, LiveKind kind, string path) => project.Flows.Values
        .SelectMany(flow => flow.Branches.SelectMany(branch => branch.To).OfType<LiveSinkConfig>().Select(sink => new FoundSink(sink, flow.Name)))
        .FirstOrDefault(found => found.Sink.Live == kind && found.Sink.Path == path);
}
