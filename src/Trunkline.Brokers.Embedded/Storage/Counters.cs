using System.Buffers.Binary;
using System.Security.Cryptography;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>What a store counts over its life: next topic i32, starts i32, seed of its hashes i64, little-endian.</summary>
/// <param name="NextTopic">The number the next topic gets.</param>
/// <param name="Starts">How often the store was opened; terms of ownership rise with it.</param>
/// <param name="Seed">Random, fixed when the store was made.</param>
internal sealed record Counters(int NextTopic, int Starts, long Seed)
{
    private const int Size = 16;

    public static Counters New() => new(1, 0, BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(8)));

    public byte[] Encode()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, NextTopic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Starts);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Seed);
        return bytes;
    }

    public static Counters Decode(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? new Counters(BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]))
        : throw new BrokerException(BrokerErrorCode.StoreDamaged, "The store's counters cannot be read. Restore a backup.");
}
