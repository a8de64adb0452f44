using System.Buffers.Binary;
using System.Text;

namespace Trunkline.Messaging.Records;

/// <summary>
/// Builds record batches, one after the other, in a buffer it keeps. Not thread-safe. The format stands in
/// docs/formats/record-batch.md.
/// </summary>
public sealed class RecordBatchWriter
{
    private const int VarintMax = 10;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly WrittenText[] _names = new WrittenText[8];
    private WrittenText _source;
    private WrittenText _contentType;
    private byte[] _buffer = new byte[4096];
    private int _length;
    private long _baseOffset;
    private long _firstAppendedAt;

    /// <summary>Messages in the batch so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the batch so far.</summary>
    public int Length => _length;

    /// <summary>The offset after the last message; the base offset while there is none.</summary>
    public long NextOffset { get; private set; }

    /// <summary>The newest append time in the batch.</summary>
    private long LastAppendedAt { get; set; }

    /// <summary>Begins a new batch, dropping what was there.</summary>
    /// <param name="baseOffset">Offset of the first message, at least 0.</param>
    public void Begin(long baseOffset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(baseOffset);
        _length = BatchLayout.HeaderSize;
        _baseOffset = baseOffset;
        NextOffset = baseOffset;
        Count = 0;
        ForgetTexts();
    }

    /// <summary>Adds a message.</summary>
    /// <param name="offset">At or above <see cref="NextOffset"/>, less than 2³¹ above the base.</param>
    /// <param name="appendedAt">Not before the previous message's.</param>
    /// <param name="message">The message; its bytes are copied.</param>
    /// <param name="dataKey">Id of the key the payload is encrypted with, or null: room for erasure by key; nothing encrypts yet.</param>
    /// <exception cref="ArgumentException">The offset or time goes backwards, or a text is not valid UTF-16. The batch stays as it was.</exception>
    public void Add(long offset, DateTimeOffset appendedAt, Message message, string? dataKey = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        var at = BatchLayout.Ticks(appendedAt);
        var size = SizeMax(message, dataKey);
        Reserve(size);
        // A batch of small messages has record lengths of two bytes: leave that much, and move the body if it needs more.
        var start = _length;
        var body = start + 2;
        var end = WritePlace(body, offset, at);
        try
        {
            end = WriteBody(end, message, dataKey);
        }
        catch (EncoderFallbackException invalid)
        {
            ForgetTexts();
            throw new ArgumentException("The message's id, source, content type or a header name is not valid UTF-16.", nameof(message), invalid);
        }

        Close(start, body, end, offset, at);
    }

    /// <summary>Adds all messages of another batch, as they are, without decoding them.</summary>
    public void Add(RecordBatch batch)
    {
        foreach (var record in batch.Raw())
        {
            Add(record.Offset, record.AppendedAt, record.Rest);
        }
    }

    /// <summary>
    /// Adds all messages of another batch but those to be erased: of these only the place is left, or what is given instead. The batch
    /// keeps its first and last offset, so that it stands where the other stood.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="erased">Offsets to erase, each with what stands there from now on, or null for nothing.</param>
    /// <returns>How many messages were erased; those that were before do not count.</returns>
    public int AddErasing(RecordBatch batch, IReadOnlyDictionary<long, Message?> erased)
    {
        ArgumentNullException.ThrowIfNull(erased);
        var count = 0;
        foreach (var record in batch.Raw())
        {
            if (record.IsErased || !erased.TryGetValue(record.Offset, out var instead))
            {
                Add(record.Offset, record.AppendedAt, record.Rest);
                continue;
            }

            count++;
            if (instead is null)
            {
                Add(record.Offset, record.AppendedAt, [BatchLayout.Erased]);
            }
            else
            {
                Add(record.Offset, BatchLayout.Time(record.AppendedAt), instead);
            }
        }

        return count;
    }

    /// <summary>Ends the batch.</summary>
    /// <param name="memory">Where its bytes are put; without it they get an array of their own.</param>
    public RecordBatch Finish(BatchMemory? memory = null)
    {
        if (Count == 0)
        {
            throw new InvalidOperationException("A batch holds at least one message.");
        }

        var header = _buffer.AsSpan(0, BatchLayout.HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header, BatchLayout.Magic);
        header[8] = BatchLayout.Format;
        header[9] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], BatchLayout.HeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], _length);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], _baseOffset);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], (int)(NextOffset - 1 - _baseOffset));
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], _firstAppendedAt);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], LastAppendedAt);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Checksum.Crc32C(_buffer.AsSpan(BatchLayout.CrcFrom, _length - BatchLayout.CrcFrom)));
        var batch = memory?.Take(_length) ?? GC.AllocateUninitializedArray<byte>(_length);
        _buffer.AsSpan(0, _length).CopyTo(batch.Span);
        return new RecordBatch(batch);
    }

    private void Add(long offset, long appendedAt, ReadOnlySpan<byte> rest)
    {
        Reserve(rest.Length + (3 * VarintMax));
        var start = _length;
        var body = start + 2;
        var end = WritePlace(body, offset, appendedAt);
        rest.CopyTo(_buffer.AsSpan(end));
        Close(start, body, end + rest.Length, offset, appendedAt);
    }

    private static int SizeMax(Message message, string? dataKey)
    {
        // UTF-16 to UTF-8 grows at most three times; lengths and deltas are varints.
        var size = message.Payload.Length + (message.Key?.Bytes.Length ?? 0) + (12L * VarintMax)
            + (message.StoredId.IsEmpty ? 3L * (message.Id.Value?.Length ?? 0) : message.StoredId.Length)
            + (3L * (message.Source.Length + message.ContentType.Length + (dataKey?.Length ?? 0)));
        for (var i = 0; i < message.Headers.Count; i++)
        {
            size += (3L * message.Headers[i].Name.Length) + message.Headers[i].Value.Length + (2 * VarintMax);
        }

        return checked((int)size);
    }

    private void Reserve(int size)
    {
        var needed = checked(_length + size);
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Max(needed, Math.Min(Array.MaxLength, _buffer.Length * 2L)));
        }
    }

    private int WritePlace(int at, long offset, long appendedAt)
    {
        if (Count == 0)
        {
            _firstAppendedAt = appendedAt;
            LastAppendedAt = appendedAt;
        }

        if (offset < NextOffset || offset - _baseOffset > int.MaxValue - 1)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"offsets rise from {NextOffset}, less than 2^31 above {_baseOffset}");
        }

        if (appendedAt < LastAppendedAt)
        {
            throw new ArgumentOutOfRangeException(nameof(appendedAt), "append times do not go backwards");
        }

        at = WriteVarint(at, (ulong)(offset - _baseOffset));
        return WriteVarint(at, (ulong)(appendedAt - _firstAppendedAt));
    }

    private int WriteBody(int at, Message message, string? dataKey)
    {
        _buffer[at++] = (byte)((message.Key is null ? 0 : BatchLayout.HasKey) | (message.Time is null ? 0 : BatchLayout.HasTime)
            | (dataKey is null ? 0 : BatchLayout.HasDataKey));
        at = message.StoredId.IsEmpty ? WriteText(at, message.Id.Value ?? "") : WriteBytes(at, message.StoredId.Span);
        at = _source.Write(this, at, message.Source);
        at = _contentType.Write(this, at, message.ContentType);
        if (message.Time is { } time)
        {
            at = WriteVarint(at, ZigZag(BatchLayout.Ticks(time)));
            at = WriteVarint(at, ZigZag(time.TotalOffsetMinutes));
        }

        if (message.Key is { } key)
        {
            at = WriteBytes(at, key.Bytes.Span);
        }

        if (dataKey is not null)
        {
            at = WriteText(at, dataKey);
        }

        at = WriteVarint(at, (ulong)message.Headers.Count);
        for (var i = 0; i < message.Headers.Count; i++)
        {
            var name = message.Headers[i].Name;
            at = i < _names.Length ? _names[i].Write(this, at, name) : WriteText(at, name);
            at = WriteBytes(at, message.Headers[i].Value.Span);
        }

        message.Payload.Span.CopyTo(_buffer.AsSpan(at));
        return at + message.Payload.Length;
    }

    /// <summary>Writes the record's length before its body, and makes the record part of the batch.</summary>
    private void Close(int start, int body, int end, long offset, long appendedAt)
    {
        var length = end - body;
        var prefix = VarintSize((ulong)length);
        if (start + prefix != body)
        {
            ForgetTexts();
            _buffer.AsSpan(body, length).CopyTo(_buffer.AsSpan(start + prefix));
        }

        WriteVarint(start, (ulong)length);
        _length = start + prefix + length;
        NextOffset = offset + 1;
        LastAppendedAt = appendedAt;
        Count++;
    }

    /// <summary>Texts are not where they were written.</summary>
    private void ForgetTexts()
    {
        (_source, _contentType) = (default, default);
        _names.AsSpan().Clear();
    }

    private int WriteText(int at, string text)
    {
        // Most texts are short: their length in UTF-8 fits the same one byte as their length in UTF-16 would.
        var guess = VarintSize((ulong)text.Length);
        var written = StrictUtf8.GetBytes(text, _buffer.AsSpan(at + guess));
        var needed = VarintSize((ulong)written);
        if (needed != guess)
        {
            _buffer.AsSpan(at + guess, written).CopyTo(_buffer.AsSpan(at + needed));
        }

        return WriteVarint(at, (ulong)written) + written;
    }

    private int WriteBytes(int at, ReadOnlySpan<byte> bytes)
    {
        at = WriteVarint(at, (ulong)bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(at));
        return at + bytes.Length;
    }

    private int WriteVarint(int at, ulong value)
    {
        while (value >= 0x80)
        {
            _buffer[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[at++] = (byte)value;
        return at;
    }

    private static int VarintSize(ulong value) => (Math.Max(1, 64 - System.Numerics.BitOperations.LeadingZeroCount(value)) + 6) / 7;

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    /// <summary>
    /// Where a text stands in the batch. Neighbours share source, content type and names of headers: the bytes of the first are copied,
    /// instead of encoding the text anew for each message.
    /// </summary>
    private struct WrittenText
    {
        private string? _text;
        private int _at;
        private int _length;

        public int Write(RecordBatchWriter writer, int at, string text)
        {
            if (!ReferenceEquals(text, _text))
            {
                _length = writer.WriteText(at, text) - at;
                (_text, _at) = (text, at);
                return at + _length;
            }

            writer._buffer.AsSpan(_at, _length).CopyTo(writer._buffer.AsSpan(at));
            return at + _length;
        }
    }
}
