namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// The store's log: each change is a record of it before RocksDB has the change, and is replayed after a crash. The bytes of large batches are in
/// it alone; RocksDB holds their places. A file in which nothing is needed any more is written again from the start: writing over what is there leaves the file system nothing to
/// note down, so a sync takes half as long. One thread at a time, but for reads. Why not RocksDB's: docs/adr/0064-commit-log.md.
/// </summary>
internal sealed class CommitLog : IDisposable
{
    private readonly LogFiles _files;
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private byte[] _buffer = new byte[64 * 1024];
    private CommitSegment? _current;

    /// <summary>A log that goes on behind a change, in a new file.</summary>
    /// <param name="files">Its files.</param>
    /// <param name="last">The number of the newest change.</param>
    public CommitLog(LogFiles files, ulong last) => (_files, Last, Durable) = (files, last, last);

    /// <summary>The number of the newest change.</summary>
    public ulong Last { get; private set; }

    /// <summary>The number of the newest change that is synced.</summary>
    public ulong Durable { get; private set; }

    /// <summary>Where the next record's batches will begin, if it holds no more than so many bytes in all.</summary>
    public LogPlace Next(int bytesMax)
    {
        var segment = SegmentFor(CommitRecord.SizeOf(bytesMax));
        return new LogPlace(segment.File, segment.End + CommitRecord.HeaderSize, Last + 1);
    }

    /// <summary>Writes a change under the next number, with the batches it holds the places of, synced or not.</summary>
    public void Append(IReadOnlyList<LargeBatch> batches, ReadOnlySpan<byte> change, bool sync)
    {
        var batchBytes = batches.Sum(batch => batch.Bytes.Length);
        var record = new CommitRecord(Last + 1, Durable, batchBytes + change.Length, batchBytes);
        SegmentFor(record.Size).Append(Pieces(record, batches, change), record);
        Last = record.Number;
        if (sync)
        {
            Sync();
        }
    }

    /// <summary>Makes all changes durable.</summary>
    public void Sync()
    {
        if (Durable < Last)
        {
            _current!.Sync();
            Durable = Last;
        }
    }

    /// <summary>Goes on in a new file: the others are written no more as long as they are needed.</summary>
    /// <returns>The number of the newest change, which is in one of the others.</returns>
    public ulong BeginFile()
    {
        Sync();
        _current = _files.Create(Last + 1);
        return Last;
    }

    public void Dispose() => _files.Dispose();

    private CommitSegment SegmentFor(long size)
    {
        if (_current is null || (_current.End > 0 && _current.End + size > _files.FileBytes))
        {
            // Records of a later file are durable only if all of the earlier ones are.
            Sync();
            _current = _files.Next(Last + 1);
        }

        return _current;
    }

    /// <summary>A record's bytes: head, batches where they are, and the change with zeros up to the page's end.</summary>
    private List<ReadOnlyMemory<byte>> Pieces(in CommitRecord record, IReadOnlyList<LargeBatch> batches, ReadOnlySpan<byte> change)
    {
        var size = (int)record.Size - record.BatchBytes;
        if (_buffer.Length < size)
        {
            _buffer = new byte[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size)];
        }

        record.Write(_buffer, batches, change);
        change.CopyTo(_buffer.AsSpan(CommitRecord.HeaderSize));
        _buffer.AsSpan((CommitRecord.HeaderSize + change.Length)..size).Clear();
        _pieces.Clear();
        if (batches.Count == 0)
        {
            _pieces.Add(_buffer.AsMemory(0, size));
            return _pieces;
        }

        _pieces.Add(_buffer.AsMemory(0, CommitRecord.HeaderSize));
        foreach (var batch in batches)
        {
            _pieces.Add(batch.Bytes);
        }

        _pieces.Add(_buffer.AsMemory(CommitRecord.HeaderSize..size));
        return _pieces;
    }
}
