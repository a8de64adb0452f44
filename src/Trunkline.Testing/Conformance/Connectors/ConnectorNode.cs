using Trunkline.Core.Config;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Testing.Nodes;

namespace Trunkline.Testing.Conformance.Connectors;

/// <summary>A node with one flow around a connector under test: from it to the topic <c>out</c>, or from the topic <c>in</c> to it.</summary>
internal static class ConnectorNode
{
    private const string Name = "under-test";

    public static Task<InProcessNode> StartAsync(MortalBroker broker, ISourceConnector source, CancellationToken cancellationToken) => StartAsync(
        broker, new UseSourceConfig(Name, default), new TopicSinkConfig("out", "out", null, default), app => app.AddSource(Name, source), cancellationToken);

    public static Task<InProcessNode> StartAsync(MortalBroker broker, ISinkConnector sink, CancellationToken cancellationToken) => StartAsync(
        broker,
        new TopicSourceConfig("in", "conformance", SubscribeStart.Earliest, default),
        new UseSinkConfig("sink", Name, default(SourceLocation)),
        app => app.AddSink(Name, sink),
        cancellationToken);

    /// <summary>The messages of a one-partition topic once there are so many.</summary>
    public static async Task<IReadOnlyList<StoredMessage>> HoldsAsync(IBroker broker, string topic, int count, CancellationToken cancellationToken)
    {
        await broker.WaitAsync(topic, 0, count - 1, cancellationToken);
        var all = new List<StoredMessage>();
        while (await broker.ReadAsync(new ReadRequest(topic, 0, all.Count, 1000), cancellationToken) is { Count: > 0 } read)
        {
            all.AddRange(read);
        }

        return all;
    }

    /// <summary>Waits for a condition.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }

    private static Task<InProcessNode> StartAsync(
        MortalBroker broker, SourceConfig from, SinkConfig to, Action<TrunklineApp> register, CancellationToken cancellationToken) => InProcessNode.StartAsync(
            new InProcessNodeOptions
            {
                Topics = [new TopicSettings { Name = "in" }, new TopicSettings { Name = "out", Partitions = 1 }],
                Project = new ProjectConfig
                {
                    // One lane: then messages without key keep their order too.
                    Flows = new Dictionary<string, FlowConfig>
                    {
                        ["conformance"] = new() { Name = "conformance", From = from, Branches = [new BranchConfig(null, [to], default)], Lanes = 1 },
                    },
                },
                Configure = app =>
                {
                    app.AddBroker("memory", (_, _) => ValueTask.FromResult<IBroker>(broker));
                    register(app);
                },
            },
            cancellationToken);
}
