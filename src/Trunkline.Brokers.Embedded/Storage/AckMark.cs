using System.Buffers.Binary;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Records;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// How far the store was acknowledged as synced, kept beside RocksDB: a log cut at a record's edge opens without a word, and only
/// this tells that something acknowledged is gone. Two files written in turn, so that a torn write leaves the other.
/// <code>magic u32, crc32c u32 of the rest, turn i64, sequence u64, count i32, count times { topic u32, partition u32, high offset i64 }</code>
/// What was acknowledged after the last write of the mark (at most 100 ms) is not covered.
/// </summary>
internal sealed class AckMark(string directory)
{
    private const uint Magic = 0x4D414C54;
    private const int HeaderSize = 28;
    private const int EntrySize = 16;
    private readonly string[] _files = [Path.Combine(directory, "acknowledged.0"), Path.Combine(directory, "acknowledged.1")];
    private long _turn;

    /// <summary>The newest whole mark, or null if there never was one.</summary>
    /// <exception cref="BrokerException">Marks exist and none is whole.</exception>
    public Mark? Read()
    {
        var found = _files.Where(File.Exists).ToArray();
        var marks = found.Select(f => Parse(File.ReadAllBytes(f))).OfType<Mark>().ToArray();
        if (found.Length == _files.Length && marks.Length == 0)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged,
                $"Both marks of what was acknowledged ({string.Join(", ", _files)}) are damaged, so a loss could not be told. Restore a backup.");
        }

        var newest = marks.MaxBy(m => m.Turn);
        _turn = newest?.Turn ?? 0;
        return newest;
    }

    /// <summary>Writes and syncs a mark. One caller at a time, after <see cref="Read"/>: the turns go on from what is there.</summary>
    public void Write(ulong sequence, IReadOnlyList<(int Topic, int Partition, long High)> highs)
    {
        var bytes = new byte[HeaderSize + (highs.Count * EntrySize)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), ++_turn);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), sequence);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), highs.Count);
        for (var i = 0; i < highs.Count; i++)
        {
            var entry = bytes.AsSpan(HeaderSize + (i * EntrySize));
            BinaryPrimitives.WriteInt32LittleEndian(entry, highs[i].Topic);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], highs[i].Partition);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], highs[i].High);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Checksum.Crc32C(bytes.AsSpan(8)));
        using var file = File.OpenHandle(_files[_turn % 2], FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.SetLength(file, bytes.Length);
        RandomAccess.FlushToDisk(file);
    }

    private static Mark? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Checksum.Crc32C(bytes[8..])
            || (bytes.Length - HeaderSize) / EntrySize != BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]))
        {
            return null;
        }

        var highs = new List<(int, int, long)>();
        for (var entry = bytes[HeaderSize..]; entry.Length >= EntrySize; entry = entry[EntrySize..])
        {
            highs.Add((BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]), BinaryPrimitives.ReadInt64LittleEndian(entry[8..])));
        }

        return new Mark(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), highs);
    }

    /// <summary>What a mark says.</summary>
    internal sealed record Mark(long Turn, ulong Sequence, IReadOnlyList<(int Topic, int Partition, long High)> Highs);
}
