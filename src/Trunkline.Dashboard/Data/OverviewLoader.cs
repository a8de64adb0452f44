using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads the first page's data through the node's API.</summary>
internal sealed class OverviewLoader(TrunklineClient client, TimeProvider clock)
{
    private const int DeadLettersShown = 10;
    private const int AlertsRead = 100;
    private const string FidelitySince = "24h";

    /// <summary>Groups are told topic by topic; beyond this many topics lag is not shown, so that a page costs a bounded number of calls.</summary>
    private const int TopicsDescribedMax = 100;
    private const int CallsAtOnce = 4;

    public async Task<Overview> LoadAsync(CancellationToken cancellationToken)
    {
        var node = Loading.TryAsync(() => client.GetNodeAsync(cancellationToken));
        var topics = Loading.TryAsync(() => TopicsAsync(cancellationToken));
        var flows = Loading.TryAsync<IReadOnlyList<FlowView>>(async () => (await client.ListFlowsAsync(cancellationToken)).Flows);
        var models = Loading.TryAsync<IReadOnlyList<ModelView>>(async () => (await client.ListModelsAsync(cancellationToken)).Models);
        var deadLetters = Loading.TryAsync(() => client.ListDeadLettersAsync(null, DeadLettersShown, cancellationToken));
        var alerts = Loading.TryAsync(() => client.Alerts.ListAsync(AlertsRead, cancellationToken));
        var fidelity = Loading.TryAsync(() => client.GetFidelityAsync(null, FidelitySince, cancellationToken));
        return new Overview
        {
            Now = clock.GetUtcNow(),
            Node = await node,
            Topics = await topics,
            Flows = await flows,
            Models = await models,
            DeadLetters = await deadLetters,
            Alerts = await alerts,
            Fidelity = await fidelity,
        };
    }

    private async Task<IReadOnlyList<TopicView>> TopicsAsync(CancellationToken cancellationToken)
    {
        var topics = (await client.ListTopicsAsync(cancellationToken)).Topics.Where(topic => !topic.Internal).ToArray();
        var options = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, Math.Min(topics.Length, TopicsDescribedMax), options, async (index, token) =>
        {
            var described = await client.GetTopicAsync(topics[index].Name, token);
            topics[index] = described with { AppendRate = described.AppendRate ?? topics[index].AppendRate };
        });
        return topics;
    }
}
