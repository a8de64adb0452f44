using System.Buffers.Binary;
using System.Text;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// Keys of the store's column families; numbers big-endian, so that byte order is number order. Topics are named by a
/// number that is never given twice, so a topic created anew sees nothing of its predecessor.
/// <code>
/// batches    topic u32, partition u32, base offset u64, last - base u32, count u32, bytes u32, first and last appendedAt i64
/// positions  topic u32, partition u32, group (UTF-8)
/// dedupe     'i', topic u32, bucket start i64, hash of (source, id) 16 bytes   ·   's', topic u32, partition u32, producer (UTF-8)
/// state      length of the store's name u16, name (UTF-8), partition u32, key
/// meta       'c' counters   ·   'n' number of the newest change u64 little-endian   ·   't', topic u32: settings   ·   'p', topic u32, partition u32: extent
/// </code>
/// What retention and seeks by time need of a batch stands in its key, so that they read no payloads.
/// </summary>
internal static class StoreKeys
{
    public const int BatchKeySize = 44;
    public const int PartitionPrefixSize = 8;

    public static readonly byte[] Counters = "c"u8.ToArray();

    public static readonly byte[] Number = "n"u8.ToArray();

    public static byte[] Batch(in BatchPlace place)
    {
        var key = new byte[BatchKeySize];
        WriteOffset(key, place.Topic, place.Partition, place.BaseOffset);
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(16), (uint)(place.LastOffset - place.BaseOffset));
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(20), place.Count);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(24), place.Bytes);
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(28), place.FirstTicks);
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(36), place.LastTicks);
        return key;
    }

    public static bool TryBatch(ReadOnlySpan<byte> key, out BatchPlace place)
    {
        if (key.Length != BatchKeySize)
        {
            place = default;
            return false;
        }

        var baseOffset = BinaryPrimitives.ReadInt64BigEndian(key[8..]);
        place = new BatchPlace(
            BinaryPrimitives.ReadInt32BigEndian(key), BinaryPrimitives.ReadInt32BigEndian(key[4..]), baseOffset,
            baseOffset + BinaryPrimitives.ReadUInt32BigEndian(key[16..]), BinaryPrimitives.ReadInt32BigEndian(key[20..]),
            BinaryPrimitives.ReadInt32BigEndian(key[24..]), BinaryPrimitives.ReadInt64BigEndian(key[28..]), BinaryPrimitives.ReadInt64BigEndian(key[36..]));
        return true;
    }

    /// <summary>Sorts before every batch of the partition that begins at or above the offset.</summary>
    public static byte[] BatchesFrom(int topic, int partition, long offset)
    {
        var key = new byte[16];
        WriteOffset(key, topic, partition, offset);
        return key;
    }

    public static byte[] Position(int topic, int partition, string group) => WithText(topic, partition, group);

    public static byte[] Producer(int topic, int partition, string producer) => [(byte)'s', .. WithText(topic, partition, producer)];

    public static byte[] DedupeId(int topic, long bucket, UInt128 hash)
    {
        var key = new byte[29];
        key[0] = (byte)'i';
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(1), topic);
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(5), bucket);
        BinaryPrimitives.WriteUInt128BigEndian(key.AsSpan(13), hash);
        return key;
    }

    /// <summary>The start of a topic's keys that begin with a letter (0 for none), in the dedupe or meta family.</summary>
    public static byte[] OfTopic(char letter, int topic)
    {
        var key = new byte[letter == 0 ? 4 : 5];
        key[0] = (byte)letter;
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(key.Length - 4), topic);
        return key;
    }

    public static byte[] DedupeBucket(int topic, long bucket) => DedupeId(topic, bucket, 0)[..13];

    public static byte[] Partition(int topic, int partition)
    {
        var key = new byte[9];
        key[0] = (byte)'p';
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(1), topic);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(5), partition);
        return key;
    }

    public static byte[] State(string store, int partition, ReadOnlySpan<byte> key)
    {
        var name = Encoding.UTF8.GetBytes(store);
        if (name.Length is 0 or > ushort.MaxValue)
        {
            throw new ArgumentException($"The name of a state store has 1 to {ushort.MaxValue} bytes.", nameof(store));
        }

        var result = new byte[2 + name.Length + 4 + key.Length];
        BinaryPrimitives.WriteUInt16BigEndian(result, (ushort)name.Length);
        name.CopyTo(result, 2);
        BinaryPrimitives.WriteInt32BigEndian(result.AsSpan(2 + name.Length), partition);
        key.CopyTo(result.AsSpan(6 + name.Length));
        return result;
    }

    private static void WriteOffset(Span<byte> key, int topic, int partition, long offset)
    {
        BinaryPrimitives.WriteInt32BigEndian(key, topic);
        BinaryPrimitives.WriteInt32BigEndian(key[4..], partition);
        BinaryPrimitives.WriteInt64BigEndian(key[8..], offset);
    }

    private static byte[] WithText(int topic, int partition, string text)
    {
        var key = new byte[8 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt32BigEndian(key, topic);
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(4), partition);
        Encoding.UTF8.GetBytes(text, key.AsSpan(8));
        return key;
    }
}
