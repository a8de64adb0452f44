using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows;
using Trunkline.Server.Outcomes;
using Trunkline.Server.State;

namespace Trunkline.Server.Erasure;

/// <summary>
/// Deletes what flows keep by the keys of a subject: state and timers, and that the key is parked. Remembered answers of models are kept
/// under hashes from which nobody can tell whose they are: those of a flow that saw the subject all go, at the cost of asking again.
/// </summary>
internal sealed class StateErasure(IBroker broker, ErasureSearch search)
{
    private const int WritesPerUnit = 500;

    /// <summary>Deletes it; entries deleted, by store.</summary>
    public async Task<IReadOnlyDictionary<string, long>> RunAsync(IReadOnlyCollection<MessageKey> keys, ErasureFinds finds, CancellationToken cancellationToken)
    {
        var deleted = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!broker.Capabilities.HasFlag(BrokerCapabilities.State))
        {
            return deleted;
        }

        var touched = finds.Places.Select(place => place.Topic).ToHashSet(StringComparer.Ordinal);
        foreach (var topic in await broker.ListTopicsAsync(cancellationToken))
        {
            if (!FlowNames.IsParked(topic.Settings.Name))
            {
                continue;
            }

            // Each flow, and each sink with an outbox, has a topic for parked messages, with as many partitions as its source.
            var atSink = topic.Settings.Name.StartsWith(FlowNames.ParkedAtSinkPrefix, StringComparison.Ordinal);
            var flow = topic.Settings.Name[(atSink ? FlowNames.ParkedAtSinkPrefix : FlowNames.ParkedPrefix).Length..];
            var store = atSink ? "sink." + flow : FlowNames.FlowStore(flow);
            var sawIt = touched.Contains(OutcomeTopics.Of(flow)) || touched.Contains(FlowNames.Effects(flow)) || touched.Contains(FlowNames.Dead(flow));
            foreach (var partition in topic.Partitions)
            {
                var gone = await EntriesAsync(store, partition.Partition, topic.Settings.Name, keys, cancellationToken);
                gone.AddRange(sawIt ? await RememberedAsync(store, partition.Partition, cancellationToken) : []);
                foreach (var some in gone.Chunk(WritesPerUnit))
                {
                    await broker.CommitAsync(new CommitUnit { State = some }, cancellationToken);
                    deleted[store] = deleted.GetValueOrDefault(store) + some.Length;
                }
            }
        }

        return deleted;
    }

    private async Task<List<StateWrite>> EntriesAsync(
        string store, int partition, string parkedTopic, IReadOnlyCollection<MessageKey> keys, CancellationToken cancellationToken)
    {
        var gone = new List<StateWrite>();
        foreach (var key in keys)
        {
            byte[][] names = search.DropsParked(parkedTopic, key)
                ? [StateCodec.StateKey(key), ParkedKeys.StateKey(key)]
                : [StateCodec.StateKey(key)];
            foreach (var name in names)
            {
                if (await broker.ReadStateAsync(store, partition, name, cancellationToken) is not null)
                {
                    gone.Add(new StateWrite(store, partition, name, null));
                }
            }
        }

        if (keys.Count > 0)
        {
            await foreach (var entry in broker.ScanStateAsync(store, partition, StateCodec.DuePrefix, cancellationToken))
            {
                if (keys.Contains(StateCodec.ReadDue(entry.Key.Span).Key))
                {
                    gone.Add(new StateWrite(store, partition, entry.Key, null));
                }
            }
        }

        return gone;
    }

    private async Task<List<StateWrite>> RememberedAsync(string store, int partition, CancellationToken cancellationToken)
    {
        var gone = new List<StateWrite>();
        foreach (var prefix in MemoStore.Prefixes)
        {
            await foreach (var entry in broker.ScanStateAsync(store, partition, prefix, cancellationToken))
            {
                gone.Add(new StateWrite(store, partition, entry.Key, null));
            }
        }

        return gone;
    }
}
