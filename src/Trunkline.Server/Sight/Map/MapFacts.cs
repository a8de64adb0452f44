using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Sight.Map;

/// <summary>All a map is drawn from, read at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Project">The project in force.</param>
/// <param name="Flows">How its flows stand.</param>
/// <param name="Topics">The topics there are, and the groups on them; only those users see, and dead letters.</param>
internal sealed record MapFacts(
    DateTimeOffset At, ProjectConfig Project, IReadOnlyList<FlowSnapshot> Flows, IReadOnlyList<(TopicDescription Topic, IReadOnlyList<GroupDescription> Groups)> Topics)
{
    /// <summary>Age of the oldest message waiting in each outbox, by flow and sink.</summary>
    public IReadOnlyDictionary<(string Flow, string Sink), DateTimeOffset?> OldestOutbox { get; init; } = new Dictionary<(string, string), DateTimeOffset?>();

    /// <summary>Reads them.</summary>
    public static async Task<MapFacts> ReadAsync(IBroker broker, FlowSupervisor flows, ProjectConfig project, TimeProvider time, CancellationToken cancellationToken)
    {
        var snapshots = await flows.SnapshotAsync(cancellationToken);
        var topics = new List<(TopicDescription, IReadOnlyList<GroupDescription>)>();
        foreach (var topic in await broker.ListTopicsAsync(cancellationToken))
        {
            if (!TopicName.IsInternal(topic.Settings.Name))
            {
                topics.Add((topic, await broker.DescribeGroupsAsync(topic.Settings.Name, cancellationToken)));
            }
        }

        return new MapFacts(time.GetUtcNow(), project, snapshots, topics) { OldestOutbox = await OldestOutboxAsync(broker, snapshots, cancellationToken) };
    }

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
