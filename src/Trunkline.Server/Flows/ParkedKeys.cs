using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows;

/// <summary>
/// What waits in the parked topic of one partition, and where that is kept. Thread-safe; each entry belongs to one lane group.
/// </summary>
internal sealed class ParkedKeys(string store, int partition)
{
    /// <summary>Entries of one partition; at the bound a failed key stops the partition, a message to be delayed keeps its lane.</summary>
    public const int KeysMax = 10_000;

    /// <summary>Messages of one key that may wait; at the bound the partition stops, or waits for the key if that is tried again by itself.</summary>
    public const int MessagesMax = 10_000;

    /// <summary>Their bytes; likewise.</summary>
    public const long BytesMax = 64L * 1024 * 1024;

    private static readonly byte[] KeyPrefix = Encoding.UTF8.GetBytes("parked/");
    private static readonly byte[] SinglePrefix = Encoding.UTF8.GetBytes("delayed/");

    private readonly ConcurrentDictionary<MessageKey, ParkedKey> _keys = new();
    private readonly ConcurrentDictionary<long, ParkedKey> _singles = new();

    // What is released in memory may come back until that is durable: its messages must stay till then.
    private readonly ConcurrentDictionary<ParkedKey, bool> _leaving = new();
    private int _count;
    private long _end;
    private long _episode;

    /// <summary>The state store they are kept in.</summary>
    public string Store => store;

    /// <summary>How many entries; read without a lock for every message.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>All entries.</summary>
    public IEnumerable<ParkedKey> All => _keys.Values.Concat(_singles.Values);

    /// <summary>Some end of the parked partition, not beyond the present one: what is parked from now on stands at or above it.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    /// <summary>True once anything was parked here in this life or found parked.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Below this offset the parked partition was let go; -1 before the first time.</summary>
    public long Trimmed { get; set; } = -1;

    /// <summary>True if no more entries may be added.</summary>
    public bool IsFull => Count >= KeysMax;

    /// <summary>Reads what earlier lives parked.</summary>
    public static async Task<ParkedKeys> LoadAsync(IBroker broker, string store, int partition, CancellationToken cancellationToken)
    {
        var keys = new ParkedKeys(store, partition);
        await foreach (var entry in broker.ScanStateAsync(store, partition, KeyPrefix, cancellationToken))
        {
            keys.Add(ParkedKey.Read(new MessageKey(entry.Key[KeyPrefix.Length..].ToArray()), entry.Value.Span));
        }

        await foreach (var entry in broker.ScanStateAsync(store, partition, SinglePrefix, cancellationToken))
        {
            keys.Add(ParkedKey.Read(null, entry.Value.Span));
        }

        return keys;
    }

    /// <summary>A number no other parking of the partition has: the time, or one more than the last.</summary>
    public long NewEpisode(DateTimeOffset now)
    {
        while (true)
        {
            var last = Volatile.Read(ref _episode);
            var next = Math.Max(last + 1, now.UtcTicks);
            if (Interlocked.CompareExchange(ref _episode, next, last) == last)
            {
                return next;
            }
        }
    }

    public ParkedKey? Find(MessageKey key) => Count > 0 && _keys.TryGetValue(key, out var parked) ? parked : null;

    public void Add(ParkedKey parked)
    {
        IsUsed = true;
        if (parked.Key is { } key ? _keys.TryAdd(key, parked) : _singles.TryAdd(parked.Episode, parked))
        {
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>Takes an entry out; it counts for <see cref="LowestFrom"/> until <see cref="Forget"/>.</summary>
    public void Remove(ParkedKey parked)
    {
        _leaving.TryAdd(parked, true);
        if (parked.Key is { } key ? _keys.TryRemove(key, out _) : _singles.TryRemove(parked.Episode, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>That it was taken out is durable.</summary>
    public void Forget(ParkedKey parked) => _leaving.TryRemove(parked, out _);

    /// <summary>The lowest offset of the parked partition that may still be needed, if all parked up to <paramref name="end"/> is known here.</summary>
    public long LowestFrom(long end)
    {
        var lowest = end;
        foreach (var parked in All.Concat(_leaving.Keys))
        {
            lowest = Math.Min(lowest, parked.From);
        }

        return lowest;
    }

    /// <summary>The state write that keeps an entry.</summary>
    public StateWrite Write(ParkedKey parked) => new(store, partition, StateKey(parked), parked.Write());

    /// <summary>The state write that removes it.</summary>
    public StateWrite Delete(ParkedKey parked) => new(store, partition, StateKey(parked), null);

    /// <summary>The key of the entry of a parked key.</summary>
    public static byte[] StateKey(MessageKey key) => [.. KeyPrefix, .. key.Bytes.Span];

    /// <summary>The key of an entry in the store.</summary>
    public static byte[] StateKey(ParkedKey parked)
    {
        if (parked.Key is { } key)
        {
            return StateKey(key);
        }

        var stored = new byte[SinglePrefix.Length + sizeof(long)];
        SinglePrefix.CopyTo(stored, 0);
        BinaryPrimitives.WriteInt64BigEndian(stored.AsSpan(SinglePrefix.Length), parked.Episode);
        return stored;
    }
}
