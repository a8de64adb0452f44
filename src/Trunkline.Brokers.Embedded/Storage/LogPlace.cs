using System.Buffers.Binary;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// Where a batch stands in the commit log: what RocksDB holds of a large batch instead of its bytes.
/// <code>magic u32, file u32, at u64, number of the change u64</code>
/// The number tells a file that is written again since from the one that is meant. Its length and its own magic tell it from a batch.
/// </summary>
/// <param name="File">The number in the file's name.</param>
/// <param name="At">The byte the batch begins at.</param>
/// <param name="Number">The change it came with.</param>
internal readonly record struct LogPlace(int File, long At, ulong Number)
{
    public const int Size = 24;
    private const uint Magic = 0x504C4C54;

    public void Write(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(value, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(value[4..], File);
        BinaryPrimitives.WriteInt64LittleEndian(value[8..], At);
        BinaryPrimitives.WriteUInt64LittleEndian(value[16..], Number);
    }

    /// <summary>False if a value is no place, but the batch itself.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out LogPlace place)
    {
        var fits = value.Length == Size && BinaryPrimitives.ReadUInt32LittleEndian(value) == Magic;
        place = fits ? new LogPlace(BinaryPrimitives.ReadInt32LittleEndian(value[4..]), BinaryPrimitives.ReadInt64LittleEndian(value[8..]), BinaryPrimitives.ReadUInt64LittleEndian(value[16..])) : default;
        return fits;
    }
}
