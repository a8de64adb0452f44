using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows;

/// <summary>
/// A key whose messages wait in the flow's parked topic, in order, because one of them failed for good. Kept as state of the
/// partition, written in the unit that parks or releases: format version 1, then episode, count, released, bytes, little-endian.
/// Changed only by the lane group of the key.
/// </summary>
/// <param name="episode">Offset of the message that failed: tells this parking from an earlier one of the key.</param>
internal sealed class ParkedKey(long episode)
{
    private const byte Version = 1;
    private const int StoredBytes = 1 + 8 + 4 + 4 + 8;

    private int _count;
    private int _released;

    /// <summary>Header of a parked message: <c>episode/number/offset/appendedAt</c>, the last two of the original, the time in ticks (UTC).</summary>
    public const string Header = "tl-parked";

    public long Episode => episode;

    /// <summary>Messages parked, the failed one first.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Of those, released since.</summary>
    public int Released => Volatile.Read(ref _released);

    public long Bytes { get; private set; }

    /// <summary>The copy of a message for the parked topic.</summary>
    public Message Add(StoredMessage message)
    {
        var mark = string.Create(
            CultureInfo.InvariantCulture, $"{episode}/{_count}/{message.Position.Offset}/{message.AppendedAt.UtcTicks}");
        Volatile.Write(ref _count, _count + 1);
        Bytes += MessageSize.Of(message.Message);
        return Copy(message.Message, message.Message.Headers.With(Header, mark));
    }

    /// <summary>The message as it was before it was parked; its place in the source included.</summary>
    public static StoredMessage Restore(StoredMessage parked)
    {
        var mark = Mark(parked.Message);
        var message = Copy(parked.Message, parked.Message.Headers.Without(Header));
        return new StoredMessage(
            message, new Position(parked.Position.Partition, mark[2]), new DateTimeOffset(mark[3], TimeSpan.Zero));
    }

    public void Release() => Volatile.Write(ref _released, _released + 1);

    /// <summary>The number of a parked message in this episode, or -1 if it belongs to another.</summary>
    public int NumberOf(Message message)
    {
        var mark = Mark(message);
        return mark.Length == 4 && mark[0] == episode ? (int)mark[1] : -1;
    }

    public byte[] Write()
    {
        var stored = new byte[StoredBytes];
        stored[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(1), episode);
        BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(9), _count);
        BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(13), _released);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(17), Bytes);
        return stored;
    }

    private static long[] Mark(Message message)
    {
        var parts = (message.Headers.Text(Header) ?? "").Split('/');
        var numbers = new List<long>();
        foreach (var part in parts)
        {
            if (long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
        }

        return numbers.Count == 4 ? [.. numbers] : [];
    }

    private static Message Copy(Message original, Headers headers) => new()
    {
        Id = original.Id,
        Source = original.Source,
        Time = original.Time,
        Key = original.Key,
        ContentType = original.ContentType,
        Headers = headers,
        Payload = original.Payload,
    };

    /// <summary>Throws <see cref="BrokerErrorCode.StoreDamaged"/> if the value is not of this format.</summary>
    public static ParkedKey Read(ReadOnlySpan<byte> stored) =>
        stored.Length == StoredBytes && stored[0] == Version
            ? new ParkedKey(BinaryPrimitives.ReadInt64LittleEndian(stored[1..]))
            {
                _count = BinaryPrimitives.ReadInt32LittleEndian(stored[9..]),
                _released = BinaryPrimitives.ReadInt32LittleEndian(stored[13..]),
                Bytes = BinaryPrimitives.ReadInt64LittleEndian(stored[17..]),
            }
            : throw new BrokerException(BrokerErrorCode.StoreDamaged, "the state of a parked key is not of a known format; a newer version may have written it");
}

/// <summary>The parked keys of one partition, and where they are kept. Thread-safe; each entry belongs to the lane group of its key.</summary>
internal sealed class ParkedKeys(string store, int partition)
{
    /// <summary>Keys that may be parked in one partition; at the bound the partition stops.</summary>
    public const int KeysMax = 10_000;

    /// <summary>Messages of one key that may wait; at the bound the partition stops.</summary>
    public const int MessagesMax = 10_000;

    /// <summary>Their bytes; likewise.</summary>
    public const long BytesMax = 64L * 1024 * 1024;

    private static readonly byte[] Prefix = Encoding.UTF8.GetBytes("parked/");

    private readonly ConcurrentDictionary<MessageKey, ParkedKey> _keys = new();
    private int _count;

    /// <summary>The state store they are kept in.</summary>
    public string Store => store;

    /// <summary>How many; read without a lock for every message.</summary>
    public int Count => Volatile.Read(ref _count);

    public IEnumerable<KeyValuePair<MessageKey, ParkedKey>> All => _keys;

    /// <summary>Reads what earlier lives parked.</summary>
    public static async Task<ParkedKeys> LoadAsync(IBroker broker, string store, int partition, CancellationToken cancellationToken)
    {
        var keys = new ParkedKeys(store, partition);
        await foreach (var entry in broker.ScanStateAsync(store, partition, Prefix, cancellationToken))
        {
            keys.Add(new MessageKey(entry.Key[Prefix.Length..].ToArray()), ParkedKey.Read(entry.Value.Span));
        }

        return keys;
    }

    public ParkedKey? Find(MessageKey key) => Count > 0 && _keys.TryGetValue(key, out var parked) ? parked : null;

    public void Add(MessageKey key, ParkedKey parked)
    {
        if (_keys.TryAdd(key, parked))
        {
            Interlocked.Increment(ref _count);
        }
    }

    public void Remove(MessageKey key)
    {
        if (_keys.TryRemove(key, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>The state write that keeps the entry; null removes it.</summary>
    public StateWrite Write(MessageKey key, ParkedKey? parked) => new(store, partition, StateKey(key), parked is null ? null : (ReadOnlyMemory<byte>?)parked.Write());

    /// <summary>The key of the entry in the store.</summary>
    public static byte[] StateKey(MessageKey key) => [.. Prefix, .. key.Bytes.Span];
}
