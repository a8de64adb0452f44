using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows.Delays;

/// <summary>
/// How often messages of one partition were tried before they wait for their next try in place: kept as state, so that a message
/// is not tried more often because the process ended meanwhile. Holds failed messages only, at most what is in flight. Thread-safe.
/// </summary>
/// <remarks>State key <c>tries/</c> and the offset (big-endian); value: version 1, tries, first failure in ticks, little-endian.</remarks>
internal sealed class TryCounts(string store, int partition)
{
    private const byte Version = 1;
    private const int StoredBytes = 1 + 4 + 8;

    private static readonly byte[] Prefix = Encoding.UTF8.GetBytes("tries/");

    private readonly ConcurrentDictionary<long, PastTries> _tries = new();
    private int _count;

    /// <summary>Reads what earlier lives left.</summary>
    public static async Task<TryCounts> LoadAsync(IBroker broker, string store, int partition, CancellationToken cancellationToken)
    {
        var counts = new TryCounts(store, partition);
        await foreach (var entry in broker.ScanStateAsync(store, partition, Prefix, cancellationToken))
        {
            if (entry.Key.Length != Prefix.Length + sizeof(long) || entry.Value.Length != StoredBytes || entry.Value.Span[0] != Version)
            {
                throw new BrokerException(BrokerErrorCode.StoreDamaged, "the tries of a message are not of a known format; a newer version may have written them");
            }

            var tries = new PastTries(
                BinaryPrimitives.ReadInt32LittleEndian(entry.Value.Span[1..]),
                new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(entry.Value.Span[5..]), TimeSpan.Zero));
            counts.Set(BinaryPrimitives.ReadInt64BigEndian(entry.Key.Span[Prefix.Length..]), tries);
        }

        return counts;
    }

    /// <summary>The tries of a message; null if it has not failed. Costs nothing while none has.</summary>
    public PastTries? Find(long offset) => Volatile.Read(ref _count) > 0 && _tries.TryGetValue(offset, out var tries) ? tries : null;

    /// <summary>Counts a failed try; the write belongs into the next unit.</summary>
    public StateWrite Note(long offset, PastTries tries)
    {
        Set(offset, tries);
        var value = new byte[StoredBytes];
        value[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(1), tries.Attempts);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(5), tries.FirstFailedAt.UtcTicks);
        return new StateWrite(store, partition, StateKey(offset), value);
    }

    /// <summary>The message is through; null if nothing was noted.</summary>
    public StateWrite? Forget(long offset)
    {
        if (Volatile.Read(ref _count) == 0 || !_tries.TryRemove(offset, out _))
        {
            return null;
        }

        Interlocked.Decrement(ref _count);
        return new StateWrite(store, partition, StateKey(offset), null);
    }

    private void Set(long offset, PastTries tries)
    {
        if (_tries.TryAdd(offset, tries))
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            _tries[offset] = tries;
        }
    }

    private static byte[] StateKey(long offset)
    {
        var key = new byte[Prefix.Length + sizeof(long)];
        Prefix.CopyTo(key, 0);
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(Prefix.Length), offset);
        return key;
    }
}

/// <summary>What a message has behind it.</summary>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="FirstFailedAt">When it failed first.</param>
internal readonly record struct PastTries(int Attempts, DateTimeOffset FirstFailedAt);
