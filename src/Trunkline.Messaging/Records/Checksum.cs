using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Trunkline.Messaging.Records;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4), with the processor's instruction where there is one.</summary>
public static class Checksum
{
    /// <summary>The checksum of the bytes.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var one in bytes[(bytes.Length & ~7)..])
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
