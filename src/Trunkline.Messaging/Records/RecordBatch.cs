using System.Buffers.Binary;

namespace Trunkline.Messaging.Records;

/// <summary>
/// A record batch, read in place: the messages it yields are slices of the bytes given, which must not change afterwards.
/// The whole header and the checksum are proved when it is made, each record when it is reached. Safe to share between threads.
/// </summary>
public readonly struct RecordBatch
{
    internal RecordBatch(ReadOnlyMemory<byte> bytes)
    {
        var header = bytes.Span;
        Bytes = bytes;
        BaseOffset = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        LastOffset = BaseOffset + BinaryPrimitives.ReadInt32LittleEndian(header[24..]);
        Count = BinaryPrimitives.ReadInt32LittleEndian(header[28..]);
        FirstTicks = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        LastTicks = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
    }

    /// <summary>The bytes it is read from.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The offset the batch begins at; its first message may stand above it.</summary>
    public long BaseOffset { get; }

    /// <summary>Offset of the last message.</summary>
    public long LastOffset { get; }

    /// <summary>Messages in it; at least 1.</summary>
    public int Count { get; }

    /// <summary>When its first message was appended.</summary>
    public DateTimeOffset FirstAppendedAt => BatchLayout.Time(FirstTicks);

    /// <summary>When its last message was appended.</summary>
    public DateTimeOffset LastAppendedAt => BatchLayout.Time(LastTicks);

    internal long FirstTicks { get; }

    internal long LastTicks { get; }

    /// <summary>Reads a batch that takes up exactly the given bytes.</summary>
    /// <exception cref="RecordBatchException">The bytes are not a whole, unaltered batch of a known format.</exception>
    public static RecordBatch Read(ReadOnlyMemory<byte> bytes)
    {
        var header = bytes.Span;
        if (header.Length < BatchLayout.HeaderSize)
        {
            throw new RecordBatchException(RecordBatchFault.Length, $"{header.Length} bytes are too few for a record batch.");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != BatchLayout.Magic)
        {
            throw new RecordBatchException(RecordBatchFault.NotABatch, "The bytes do not begin like a record batch.");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (Checksum.Crc32C(header[BatchLayout.CrcFrom..]) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
        {
            throw length == header.Length
                ? new RecordBatchException(RecordBatchFault.Checksum, $"The checksum of a record batch of {length} bytes does not fit.")
                : new RecordBatchException(RecordBatchFault.Length, $"{header.Length} bytes do not hold a record batch that says it has {length}.");
        }

        if (header[8] != BatchLayout.Format)
        {
            throw new RecordBatchException(RecordBatchFault.NewerFormat, $"A record batch has format {header[8]}; this version reads up to {BatchLayout.Format}.");
        }

        var batch = new RecordBatch(bytes);
        var lastDelta = BinaryPrimitives.ReadInt32LittleEndian(header[24..]);
        if (length != header.Length || header[9] != 0 || BinaryPrimitives.ReadUInt16LittleEndian(header[10..]) != BatchLayout.HeaderSize
            || batch.BaseOffset < 0 || lastDelta < 0 || batch.LastOffset < 0 || batch.Count < 1 || batch.Count - 1 > lastDelta
            || !IsTime(batch.FirstTicks) || !IsTime(batch.LastTicks) || batch.FirstTicks > batch.LastTicks)
        {
            throw new RecordBatchException(RecordBatchFault.Malformed, "The header of a record batch contradicts itself.");
        }

        return batch;
    }

    /// <summary>Reads the messages in order.</summary>
    /// <param name="partition">The partition their positions name.</param>
    public RecordReader Messages(int partition) => new(this, partition);

    internal RawRecords Raw() => new(this);

    internal static bool IsTime(long ticks) =>
        ticks >= -DateTimeOffset.UnixEpoch.UtcTicks && ticks <= DateTimeOffset.MaxValue.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
}
