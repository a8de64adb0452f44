using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>State stores: per store and partition, keys in byte order.</summary>
internal sealed class MemoryState
{
    private static readonly Comparer<byte[]> KeyOrder = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));
    private readonly Dictionary<(string Store, int Partition), SortedDictionary<byte[], byte[]>> _stores = [];

    public long Bytes { get; private set; }

    public ReadOnlyMemory<byte>? Read(string store, int partition, ReadOnlyMemory<byte> key) =>
        _stores.TryGetValue((store, partition), out var entries) && entries.TryGetValue(key.ToArray(), out var value) ? value : (ReadOnlyMemory<byte>?)null;

    public List<StateEntry> Scan(string store, int partition, ReadOnlyMemory<byte> prefix) =>
        _stores.TryGetValue((store, partition), out var entries)
            ? [.. entries.Where(e => e.Key.AsSpan().StartsWith(prefix.Span)).Select(e => new StateEntry(e.Key, e.Value))]
            : [];

    public void Write(StateWrite write)
    {
        var key = write.Key.ToArray();
        if (!_stores.TryGetValue((write.Store, write.Partition), out var entries))
        {
            entries = new SortedDictionary<byte[], byte[]>(KeyOrder);
            _stores.Add((write.Store, write.Partition), entries);
        }

        if (entries.Remove(key, out var old))
        {
            Bytes -= key.Length + old.Length + MemorySize.Entry;
        }

        if (write.Value is { } value)
        {
            entries.Add(key, value.ToArray());
            Bytes += key.Length + value.Length + MemorySize.Entry;
        }
        else if (entries.Count == 0)
        {
            _stores.Remove((write.Store, write.Partition));
        }
    }

    public static long SizeOf(StateWrite write) => write.Value is { } value ? write.Key.Length + value.Length + MemorySize.Entry : 0;
}
