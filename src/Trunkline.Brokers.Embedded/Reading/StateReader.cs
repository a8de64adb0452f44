using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Reading;

/// <summary>Reads state stores. Any thread.</summary>
internal sealed class StateReader(Store store)
{
    private const int PageEntries = 256;
    private const long PageBytes = 1024 * 1024;

    public ReadOnlyMemory<byte>? Read(string name, int partition, ReadOnlySpan<byte> key)
    {
        using var lease = store.Enter();
        return store.Get(store.State, StoreKeys.State(name, partition, key)) is { } value ? value : (ReadOnlyMemory<byte>?)null;
    }

    /// <summary>
    /// A page of entries whose key starts with the prefix, after a key (null: from the first). A page at a time, so that a slow reader neither
    /// holds the store open nor old data alive.
    /// </summary>
    public List<StateEntry> Page(string name, int partition, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> after, bool first)
    {
        var bare = StoreKeys.State(name, partition, []).Length;
        var wanted = StoreKeys.State(name, partition, prefix);
        // The next key in order is the last one with a zero byte added.
        var from = first ? wanted : StoreKeys.State(name, partition, [.. after, 0]);
        var entries = new List<StateEntry>();
        long bytes = 0;
        using var lease = store.Enter();
        using var iterator = store.Iterate(store.State);
        for (iterator.Seek(from); entries.Count < PageEntries && bytes < PageBytes && iterator.Valid() && iterator.GetKeySpan().StartsWith(wanted); iterator.Next())
        {
            var value = iterator.GetValueSpan().ToArray();
            bytes += value.Length;
            entries.Add(new StateEntry(iterator.GetKeySpan()[bare..].ToArray(), value));
        }

        StoreErrors.Check(iterator, "reading state");
        return entries;
    }
}
