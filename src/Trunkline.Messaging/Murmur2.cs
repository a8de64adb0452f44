using System.Buffers.Binary;

namespace Trunkline.Messaging;

/// <summary>
/// Murmur2 with the seed of Kafka's Java client, so that a key falls into the same partition here and there
/// (org.apache.kafka.common.utils.Utils.murmur2, BuiltInPartitioner.partitionForKey).
/// </summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;
    private const int Rotation = 24;

    /// <summary>The 32-bit hash of the bytes.</summary>
    public static int Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = unchecked(Seed ^ (uint)bytes.Length);
        var rest = bytes;
        while (rest.Length >= 4)
        {
            var word = unchecked(BinaryPrimitives.ReadUInt32LittleEndian(rest) * Multiplier);
            word ^= word >> Rotation;
            hash = unchecked((hash * Multiplier) ^ (word * Multiplier));
            rest = rest[4..];
        }

        if (rest.Length >= 3)
        {
            hash ^= (uint)rest[2] << 16;
        }

        if (rest.Length >= 2)
        {
            hash ^= (uint)rest[1] << 8;
        }

        if (rest.Length >= 1)
        {
            hash = unchecked((hash ^ rest[0]) * Multiplier);
        }

        hash ^= hash >> 13;
        hash = unchecked(hash * Multiplier);
        hash ^= hash >> 15;
        return unchecked((int)hash);
    }

    /// <summary>The partition of a key: the hash without its sign bit, modulo the number of partitions.</summary>
    public static int Partition(MessageKey key, int partitions) => (Hash(key.Bytes.Span) & 0x7fffffff) % partitions;
}
