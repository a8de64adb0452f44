using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Map;

/// <summary>All a map is drawn from, read at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Project">The project in force.</param>
/// <param name="Flows">How its flows stand.</param>
/// <param name="Topics">The topics there are, and the groups on them; only those users see, and dead letters, whose groups are not read.</param>
internal sealed record MapFacts(
    DateTimeOffset At, ProjectConfig Project, IReadOnlyList<FlowSnapshot> Flows, IReadOnlyList<(TopicDescription Topic, IReadOnlyList<GroupDescription> Groups)> Topics)
{
    /// <summary>Age of the oldest message waiting in each outbox, by flow and sink.</summary>
    public IReadOnlyDictionary<(string Flow, string Sink), DateTimeOffset?> OldestOutbox { get; init; } = new Dictionary<(string, string), DateTimeOffset?>();

    /// <summary>What was kept of the time; null for the map as it is.</summary>
    public KeptHops? Past { get; init; }

    /// <summary>Those of a time before: the project then, and what was kept.</summary>
    public static MapFacts Of(DateTimeOffset at, ProjectConfig project, KeptHops kept) => new(at, project, [.. project.Flows.Values.Select(Unknown)], []) { Past = kept };

    /// <summary>Reads them.</summary>
    public static async Task<MapFacts> ReadAsync(IBroker broker, FlowSupervisor flows, ProjectConfig project, TimeProvider time, CancellationToken cancellationToken)
    {
        var snapshots = await flows.SnapshotAsync(cancellationToken);
        var shown = (await broker.ListTopicsAsync(cancellationToken)).Where(t => !TopicName.IsInternal(t.Settings.Name)).ToList();

        // All at once: one after the other each would cost a thread's waking.
        var loops = Loops(project);
        var groups = await Task.WhenAll(shown.Select(async topic => loops.Contains(topic.Settings.Name) ? [] : await broker.DescribeGroupsAsync(topic.Settings.Name, cancellationToken)));
        List<(TopicDescription, IReadOnlyList<GroupDescription>)> topics = [.. shown.Zip(groups)];
        return new MapFacts(time.GetUtcNow(), project, snapshots, topics) { OldestOutbox = await OldestOutboxAsync(broker, snapshots, cancellationToken) };
    }

    /// <summary>Topics that are drawn as ways back of a flow, not as topics.</summary>
    public static HashSet<string> Loops(ProjectConfig project) =>
        project.Flows.Keys.SelectMany(flow => new[] { FlowNames.Dead(flow), FlowNames.Replay(flow) }).ToHashSet(StringComparer.Ordinal);

    // How it stood is laid over its node: see NodeStanding.
    private static FlowSnapshot Unknown(FlowConfig flow) =>
        new() { Name = flow.Name, State = FlowState.Running, Revision = 0, Source = flow.From.Shown, InFlight = 0, HeldBack = 0, ParkedKeys = 0, Delayed = 0, Counts = new FlowCounts(), Stopped = [], Sinks = [] };

    /// <summary>When the oldest message waiting in each outbox that is not empty was appended, by flow and sink.</summary>
    public static async Task<IReadOnlyDictionary<(string Flow, string Sink), DateTimeOffset?>> OldestOutboxAsync(
        IBroker broker, IReadOnlyList<FlowSnapshot> snapshots, CancellationToken cancellationToken)
    {
        var oldest = new Dictionary<(string, string), DateTimeOffset?>();
        foreach (var (flow, sink) in snapshots.SelectMany(f => f.Sinks.Where(s => s.Lag > 0), (f, s) => (f.Name, s.Name)))
        {
            oldest[(flow, sink)] = (await FlowLag.OfAsync(broker, FlowNames.Outbox(flow, sink), FlowNames.SinkGroup(flow, sink), cancellationToken)).Oldest;
        }

        return oldest;
    }
}
