using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows.Delays;

/// <summary>What is kept about failures of one partition.</summary>
/// <param name="Parked">What waits in the parked topic.</param>
/// <param name="Tries">Tries of messages that wait in place; null where offsets do not outlive the process, and so cannot name a message.</param>
internal sealed record PartitionFailures(ParkedKeys Parked, TryCounts? Tries)
{
    /// <summary>Reads what earlier lives left. The partition must be ours, so that nobody else changes it.</summary>
    /// <param name="options">The flow.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="keepsOffsets">Whether an offset names the same message after a restart.</param>
    /// <param name="isAfterDeath">Whether the process died; else what was begun ended in an orderly way.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<PartitionFailures> LoadAsync(
        FlowRunnerOptions options, int partition, bool keepsOffsets, bool isAfterDeath, CancellationToken cancellationToken)
    {
        if (!options.Broker.Capabilities.HasFlag(BrokerCapabilities.State))
        {
            return new PartitionFailures(new ParkedKeys(options.Store, partition), null);
        }

        var parked = await ParkedKeys.LoadAsync(options.Broker, options.Store, partition, cancellationToken);
        foreach (var entry in parked.All.Where(_ => !isAfterDeath))
        {
            entry.Settle();
        }

        parked.End = await EndAsync(options.Broker, options.Revision.Rules.ParkedTopic, partition, cancellationToken) ?? 0;
        return new PartitionFailures(parked, keepsOffsets ? await TryCounts.LoadAsync(options.Broker, options.Store, partition, cancellationToken) : null);
    }

    /// <summary>The end of a partition of the parked topic; null if there is no such partition.</summary>
    public static async ValueTask<long?> EndAsync(IBroker broker, string parkedTopic, int partition, CancellationToken cancellationToken)
    {
        var partitions = (await broker.DescribeTopicAsync(parkedTopic, cancellationToken)).Partitions;
        return partition < partitions.Count ? partitions[partition].HighOffset : null;
    }
}
