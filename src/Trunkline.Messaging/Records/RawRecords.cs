namespace Trunkline.Messaging.Records;

/// <summary>The records of a batch, each with its place decoded and the rest as bytes. Enumerate once.</summary>
internal struct RawRecords
{
    private readonly RecordBatch _batch;
    private int _at;
    private int _left;
    private long _next;
    private long _floor;

    internal RawRecords(RecordBatch batch)
    {
        _batch = batch;
        _at = BatchLayout.HeaderSize;
        _left = batch.Count;
        _next = batch.BaseOffset;
        _floor = batch.FirstTicks;
    }

    /// <summary>The record reached.</summary>
    public RawRecord Current { get; private set; }

    public readonly RawRecords GetEnumerator() => this;

    public bool MoveNext()
    {
        var bytes = _batch.Bytes.Span;
        if (_left == 0)
        {
            return _at == bytes.Length ? false : throw Malformed("has bytes after its last record");
        }

        var cursor = new ByteCursor(bytes[_at..]);
        var length = cursor.Length();
        var start = _at + cursor.Position;
        var record = new ByteCursor(bytes.Slice(start, length));
        var offset = record.Varint();
        var appended = record.Varint();
        if (offset > (ulong)(_batch.LastOffset - _batch.BaseOffset) || appended > (ulong)(_batch.LastTicks - _batch.FirstTicks))
        {
            throw Malformed("has a record outside the range its header names");
        }

        var (at, ticks) = (_batch.BaseOffset + (long)offset, _batch.FirstTicks + (long)appended);
        if (at < _next || ticks < _floor || (_left == 1 && at != _batch.LastOffset))
        {
            throw Malformed("has records out of order");
        }

        Current = new RawRecord(at, ticks, _batch.Bytes.Slice(start + record.Position, length - record.Position));
        (_next, _floor, _at) = (at + 1, ticks, start + length);
        _left--;
        return true;
    }

    private static RecordBatchException Malformed(string what) => new(RecordBatchFault.Malformed, $"A record batch {what}.");
}

/// <summary>A record whose body is not decoded.</summary>
/// <param name="Offset">Where it stands.</param>
/// <param name="AppendedAt">Ticks since 1970.</param>
/// <param name="RestMemory">Flags and everything after.</param>
internal readonly record struct RawRecord(long Offset, long AppendedAt, ReadOnlyMemory<byte> RestMemory)
{
    public ReadOnlySpan<byte> Rest => RestMemory.Span;

    /// <summary>True for what is left of an erased message.</summary>
    /// <exception cref="RecordBatchException">It says it is erased, and holds something all the same.</exception>
    public bool IsErased => Rest is [var flags, ..] && (flags & BatchLayout.Erased) != 0
        && (Rest.Length == 1 && flags == BatchLayout.Erased
            ? true
            : throw new RecordBatchException(RecordBatchFault.Malformed, $"The record at offset {Offset} is erased and holds something all the same."));
}
