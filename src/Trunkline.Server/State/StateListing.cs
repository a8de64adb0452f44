using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.State;

/// <summary>Reads what a flow remembers from its store, for people: what is committed, without the flow.</summary>
internal static class StateListing
{
    /// <summary>The states of a flow in order of partition and key, at most so many, after the given place.</summary>
    /// <param name="broker">Keeps them.</param>
    /// <param name="store">The flow's store.</param>
    /// <param name="partitions">How many partitions the flow reads.</param>
    /// <param name="prefix">Only keys that begin with these bytes.</param>
    /// <param name="max">At most so many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<ListedState>> ReadAsync(
        IBroker broker, string store, int partitions, ReadOnlyMemory<byte> prefix, int max, CancellationToken cancellationToken)
    {
        var found = new List<ListedState>();
        byte[] from = [.. StateCodec.StatePrefix, .. prefix.Span];
        for (var partition = 0; partition < partitions && found.Count < max; partition++)
        {
            await foreach (var entry in broker.ScanStateAsync(store, partition, from, cancellationToken).ConfigureAwait(false))
            {
                found.Add(new ListedState(StateCodec.KeyOf(entry.Key), partition, StateCodec.Read(entry.Value)));
                if (found.Count == max)
                {
                    break;
                }
            }
        }

        return found;
    }

    /// <summary>The state of one key, with its partition; null if nothing is remembered.</summary>
    public static async Task<ListedState?> FindAsync(
        IBroker broker, string store, IEnumerable<int> partitions, MessageKey key, CancellationToken cancellationToken)
    {
        foreach (var partition in partitions)
        {
            if (await broker.ReadStateAsync(store, partition, StateCodec.StateKey(key), cancellationToken).ConfigureAwait(false) is { } stored)
            {
                return new ListedState(key, partition, StateCodec.Read(stored));
            }
        }

        return null;
    }
}

/// <summary>What is remembered of a key, and where.</summary>
/// <param name="Key">The key.</param>
/// <param name="Partition">The partition it follows.</param>
/// <param name="State">What is remembered.</param>
internal sealed record ListedState(MessageKey Key, int Partition, KeyState State);
