using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Trunkline.Messaging.Records;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4), with the processor's instruction where there is one.</summary>
public static class Checksum
{
    private const int LaneWords = 128;
    private const int LaneBytes = LaneWords * sizeof(ulong);

    /// <summary>Four tables of 256: what each byte of a checksum becomes after a lane of zeros.</summary>
    private static readonly uint[] PastLane = MakePastLane();

    /// <summary>The checksum of the bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="before">The checksum of what stands before them, if they go on from there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Crc32C(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        var crc = ~before;
        // Each instruction waits for the one before it, longer than it takes: three lanes side by side use the time.
        for (; bytes.Length >= 3 * LaneBytes; bytes = bytes[(3 * LaneBytes)..])
        {
            var first = MemoryMarshal.Cast<byte, ulong>(bytes[..LaneBytes]);
            var second = MemoryMarshal.Cast<byte, ulong>(bytes.Slice(LaneBytes, LaneBytes));
            var third = MemoryMarshal.Cast<byte, ulong>(bytes.Slice(2 * LaneBytes, LaneBytes));
            var (a, b, c) = (crc, 0u, 0u);
            for (var i = 0; i < first.Length; i++)
            {
                a = Add(a, first[i]);
                b = Add(b, second[i]);
                c = Add(c, third[i]);
            }

            crc = Skip(Skip(a) ^ b) ^ c;
        }

        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            crc = Add(crc, word);
        }

        foreach (var one in bytes[(bytes.Length & ~7)..])
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }

    private static uint Add(uint crc, ulong word) =>
        BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));

    /// <summary>The checksum after a lane of zeros: checksums are linear, so its bytes go their ways apart.</summary>
    private static uint Skip(uint crc) =>
        PastLane[crc & 0xff] ^ PastLane[256 + ((crc >> 8) & 0xff)] ^ PastLane[512 + ((crc >> 16) & 0xff)] ^ PastLane[768 + (crc >> 24)];

    private static uint[] MakePastLane()
    {
        var table = new uint[4 * 256];
        for (var i = 0; i < table.Length; i++)
        {
            var crc = (uint)(i & 0xff) << (8 * (i >> 8));
            for (var word = 0; word < LaneWords; word++)
            {
                crc = BitOperations.Crc32C(crc, 0UL);
            }

            table[i] = crc;
        }

        return table;
    }
}
