using System.Buffers.Binary;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>A group's progress as stored: version u8, next i64, then pairs of i64, little-endian.</summary>
internal static class ProgressCodec
{
    private const byte Version = 1;
    private const int HeadSize = 9;
    private const int RangeSize = 16;

    public static byte[] Encode(Progress progress)
    {
        var bytes = new byte[HeadSize + (progress.CompletedAbove.Count * RangeSize)];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), progress.Next);
        for (var i = 0; i < progress.CompletedAbove.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(HeadSize + (i * RangeSize)), progress.CompletedAbove[i].From);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(HeadSize + (i * RangeSize) + 8), progress.CompletedAbove[i].Until);
        }

        return bytes;
    }

    public static Progress Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadSize || bytes[0] != Version || (bytes.Length - HeadSize) % RangeSize != 0)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, "A group's stored position cannot be read. Restore a backup.");
        }

        var ranges = new OffsetRange[(bytes.Length - HeadSize) / RangeSize];
        for (var i = 0; i < ranges.Length; i++)
        {
            var at = bytes[(HeadSize + (i * RangeSize))..];
            ranges[i] = new OffsetRange(BinaryPrimitives.ReadInt64LittleEndian(at), BinaryPrimitives.ReadInt64LittleEndian(at[8..]));
        }

        return new Progress(BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]), ranges);
    }
}
