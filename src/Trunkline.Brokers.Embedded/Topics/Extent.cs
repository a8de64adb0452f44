using System.Buffers.Binary;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>What a partition holds. Immutable; stored in the same unit as the change that made it.</summary>
/// <param name="Low">The oldest offset still there.</param>
/// <param name="High">The offset the next message gets.</param>
/// <param name="StoredBytes">Bytes of its batches.</param>
/// <param name="LastTicks">When its newest message was appended; null if there was none.</param>
internal sealed record Extent(long Low, long High, long StoredBytes, long? LastTicks)
{
    private const int Size = 32;

    public static Extent Empty { get; } = new(0, 0, 0, null);

    public byte[] Encode()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Low);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), High);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), StoredBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), LastTicks ?? long.MinValue);
        return bytes;
    }

    public static Extent Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, $"A partition's extent has {bytes.Length} bytes instead of {Size}. Restore a backup.");
        }

        var ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);
        return new Extent(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), ticks == long.MinValue ? null : ticks);
    }
}
