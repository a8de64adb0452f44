using System.Buffers.Binary;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// One change in the commit log: whole pages, so that writing it never touches the page of one that is synced, and so that whoever looks for a
/// record behind damage knows where one may begin.
/// <code>magic u32, crc32c u32 of what follows it, length i32, length of the batches i32, number u64, durable u64, batches, change, zeros up to the page's end</code>
/// Described in docs/formats/commit-log.md. The length is that of batches and change. Numbers count on by one. <c>durable</c> is the newest change that was synced when this one was written: a change that cannot be read is lost
/// if a later one says so, and was never promised if none does.
/// </summary>
/// <param name="Number">The change's number.</param>
/// <param name="Durable">The newest change that was synced before.</param>
/// <param name="Length">Bytes of batches and change.</param>
/// <param name="BatchBytes">Bytes of the batches, which stand before the change.</param>
internal readonly record struct CommitRecord(ulong Number, ulong Durable, int Length, int BatchBytes)
{
    public const int PageSize = 4096;
    public const int HeaderSize = 32;
    private const uint Magic = 0x47434C54;
    private const int Covered = 8;

    /// <summary>What it takes on disk.</summary>
    public long Size => SizeOf(Length);

    /// <summary>Where the change stands in the record's bytes.</summary>
    public Range Change => (HeaderSize + BatchBytes)..(HeaderSize + Length);

    public static long SizeOf(int length) => ((long)HeaderSize + length + PageSize - 1) / PageSize * PageSize;

    /// <summary>Writes the head into its bytes.</summary>
    /// <param name="head">The first bytes of the record.</param>
    /// <param name="batches">What follows it.</param>
    /// <param name="change">What follows the batches.</param>
    public void Write(Span<byte> head, IReadOnlyList<LargeBatch> batches, ReadOnlySpan<byte> change)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], BatchBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(head[16..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(head[24..], Durable);
        var checksum = Checksum.Crc32C(head[Covered..HeaderSize]);
        foreach (var batch in batches)
        {
            checksum = Checksum.Crc32C(batch.Bytes.Span, checksum);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Checksum.Crc32C(change, checksum));
    }

    /// <summary>What a head says, unproved; null if it is none.</summary>
    public static CommitRecord? Head(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= HeaderSize && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic && BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) is >= 0 and var length
        && BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) is >= 0 and var batches && batches <= length
            ? new CommitRecord(BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]), length, batches)
            : null;

    /// <summary>True if head and change are as they were written.</summary>
    public bool Proves(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Checksum.Crc32C(bytes[Covered..(HeaderSize + Length)]);
}
