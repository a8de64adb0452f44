using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Server.Connectors.Files;

/// <summary>One message on its way into a file, as the journal of what was sent keeps it.</summary>
/// <param name="Id">A hash of the message's id.</param>
/// <param name="Start">The byte of the file its line begins at.</param>
/// <param name="Length">Bytes of the line.</param>
/// <param name="Checksum">CRC-32C of the line.</param>
/// <param name="Batch">What was written with it has the same number; 0 once it is known to be whole.</param>
internal readonly record struct SentEntry(UInt128 Id, long Start, int Length, uint Checksum, uint Batch)
{
    /// <summary>Bytes of an entry.</summary>
    public const int Bytes = 40;

    private const int ChecksumAt = 36;

    /// <summary>What a message is known by: 16 bytes of the SHA-256 of its id.</summary>
    public static UInt128 IdOf(string id) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    /// <summary>The entry; null if it is not whole.</summary>
    public static SentEntry? Read(ReadOnlySpan<byte> from) =>
        from.Length >= Bytes && BinaryPrimitives.ReadUInt32LittleEndian(from[ChecksumAt..]) == Messaging.Records.Checksum.Crc32C(from[..ChecksumAt])
            ? new SentEntry(
                BinaryPrimitives.ReadUInt128LittleEndian(from),
                BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
                BinaryPrimitives.ReadInt32LittleEndian(from[24..]),
                BinaryPrimitives.ReadUInt32LittleEndian(from[28..]),
                BinaryPrimitives.ReadUInt32LittleEndian(from[32..]))
            : null;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(to, Id);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Start);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], Batch);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChecksumAt..], Messaging.Records.Checksum.Crc32C(to[..ChecksumAt]));
    }
}
