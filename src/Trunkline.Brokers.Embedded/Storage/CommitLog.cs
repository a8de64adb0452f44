namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// The log that makes changes durable before RocksDB has them in its files: one record a change, in files that are written again from the start once
/// RocksDB has all that is in them. Writing over what is there changes nothing but bytes, so that a sync waits for the disk alone and not for the
/// file system's journal. Read by <see cref="CommitReplay"/> after a crash. One thread at a time. Why not RocksDB's: docs/adr/0064-commit-log.md.
/// </summary>
internal sealed class CommitLog : IDisposable
{
    /// <summary>A file of it is a part of what it may hold in all.</summary>
    private const int Parts = 8;

    private readonly string _directory;
    private readonly long _segmentBytes;
    private readonly long _bytes;
    private readonly Func<ulong> _flushed;
    private readonly Action _flush;
    private readonly List<CommitSegment> _segments = [];
    private byte[] _buffer = new byte[64 * 1024];
    private CommitSegment? _current;

    /// <summary>An empty log.</summary>
    /// <param name="directory">Where its files are; none are there yet.</param>
    /// <param name="bytes">What it may hold, about, before RocksDB is asked to write its tables.</param>
    /// <param name="last">The number of the newest change.</param>
    /// <param name="flushed">The number of the newest change that RocksDB has in its files.</param>
    /// <param name="flush">Asks RocksDB to write its files.</param>
    public CommitLog(string directory, long bytes, ulong last, Func<ulong> flushed, Action flush) =>
        (_directory, _bytes, _segmentBytes, Last, Durable, _flushed, _flush) = (directory, bytes, bytes / Parts, last, last, flushed, flush);

    /// <summary>The number of the newest change.</summary>
    public ulong Last { get; private set; }

    /// <summary>The number of the newest change that is synced.</summary>
    public ulong Durable { get; private set; }

    /// <summary>Writes a change under the next number, synced or not.</summary>
    public void Append(ReadOnlySpan<byte> change, bool sync)
    {
        var record = new CommitRecord(Last + 1, Durable, change.Length);
        var size = (int)record.Size;
        var bytes = Buffer(size);
        change.CopyTo(bytes[CommitRecord.HeaderSize..]);
        record.Seal(bytes);
        SegmentFor(size).Append(bytes, record.Number);
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

    /// <summary>Goes on in a new file, not over an old one.</summary>
    public void BeginFile()
    {
        Sync();
        _current = Create();
    }

    /// <summary>Deletes the files that hold nothing but what RocksDB has, and with them every byte that was ever in them.</summary>
    public void DeleteFlushed()
    {
        var flushed = _flushed();
        foreach (var segment in _segments.Where(s => s != _current && s.Last <= flushed).ToArray())
        {
            segment.Dispose();
            File.Delete(segment.Path);
            _segments.Remove(segment);
        }
    }

    public void Dispose() => _segments.ForEach(segment => segment.Dispose());

    private CommitSegment SegmentFor(int size)
    {
        if (_current is null || (_current.End > 0 && _current.End + size > _segmentBytes))
        {
            // Records of a later file are durable only if all of the earlier ones are.
            Sync();
            var flushed = _flushed();
            _current = _segments.Find(s => s.Last <= flushed) ?? Create();
            _current.Rewind();
            if (_segments.Where(s => s.Last > flushed).Sum(s => s.End) > _bytes - _segmentBytes)
            {
                _flush();
            }
        }

        return _current;
    }

    private CommitSegment Create()
    {
        var segment = CommitSegment.Create(_directory);
        _segments.Add(segment);
        DurableFiles.SyncFolder(_directory);
        return segment;
    }

    private Span<byte> Buffer(int size)
    {
        if (_buffer.Length < size)
        {
            _buffer = new byte[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size)];
        }

        return _buffer.AsSpan(0, size);
    }
}
