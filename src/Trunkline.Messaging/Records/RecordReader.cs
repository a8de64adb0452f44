using System.Text;
using System.Text.Unicode;

namespace Trunkline.Messaging.Records;

/// <summary>
/// Reads a batch's messages in order; erased ones are passed over. Payloads, keys and header values are slices of the batch's bytes. A mutable struct for one
/// reader: do not copy it in the middle.
/// </summary>
public struct RecordReader
{
    private const int TimeOffsetMinutesMax = 14 * 60;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly int _partition;
    private RawRecords _records;
    private string _source;
    private string _contentType;

    internal RecordReader(RecordBatch batch, int partition)
    {
        _records = batch.Raw();
        _partition = partition;
        _source = "";
        _contentType = "";
        Current = null!;
    }

    /// <summary>The message reached by <see cref="MoveNext"/>.</summary>
    public StoredMessage Current { get; private set; }

    /// <summary>Id of the data key of <see cref="Current"/>; null if its payload is plain.</summary>
    public string? CurrentDataKey { get; private set; }

    /// <summary>Makes it usable in <c>foreach</c>.</summary>
    public readonly RecordReader GetEnumerator() => this;

    /// <summary>Goes to the next message below which nothing is wanted, without building those before it.</summary>
    /// <exception cref="RecordBatchException">The record breaks the format.</exception>
    public bool MoveTo(long offset)
    {
        while (_records.MoveNext())
        {
            if (_records.Current.Offset >= offset && !_records.Current.IsErased)
            {
                Decode();
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes to the next message.</summary>
    /// <exception cref="RecordBatchException">The record breaks the format.</exception>
    public bool MoveNext()
    {
        while (_records.MoveNext())
        {
            if (!_records.Current.IsErased)
            {
                Decode();
                return true;
            }
        }

        return false;
    }

    private void Decode()
    {
        var record = _records.Current;
        var bytes = record.RestMemory;
        var cursor = new ByteCursor(bytes.Span);
        var flags = cursor.Byte();
        if ((flags & ~BatchLayout.KnownFlags) != 0)
        {
            throw new RecordBatchException(RecordBatchFault.Malformed, $"The record at offset {record.Offset} has flags of a newer format.");
        }

        try
        {
            var id = Slice(ref cursor, bytes);
            if (!Utf8.IsValid(id.Span))
            {
                throw NotUtf8(record.Offset);
            }

            // Most messages of a batch share source and content type: the string of the last one serves again.
            _source = Text(ref cursor, bytes.Span, _source);
            _contentType = Text(ref cursor, bytes.Span, _contentType);
            DateTimeOffset? time = (flags & BatchLayout.HasTime) != 0 ? Time(ref cursor) : null;
            MessageKey? key = (flags & BatchLayout.HasKey) != 0 ? new MessageKey(Slice(ref cursor, bytes)) : null;
            CurrentDataKey = (flags & BatchLayout.HasDataKey) != 0 ? Text(ref cursor, bytes.Span, "") : null;
            var headers = ReadHeaders(ref cursor, bytes);
            var message = new Message
            {
                StoredId = id,
                Source = _source,
                ContentType = _contentType,
                Time = time,
                Key = key,
                Headers = headers,
                Payload = bytes[cursor.Position..],
            };
            Current = new StoredMessage(message, new Position(_partition, record.Offset), BatchLayout.Time(record.AppendedAt));
        }
        catch (DecoderFallbackException)
        {
            throw NotUtf8(record.Offset);
        }
    }

    private static RecordBatchException NotUtf8(long offset) =>
        new(RecordBatchFault.Malformed, $"The record at offset {offset} has a text that is not UTF-8.");

    private static Headers ReadHeaders(ref ByteCursor cursor, ReadOnlyMemory<byte> bytes)
    {
        // A header takes at least two bytes, so a count cannot ask for more memory than the record's bytes justify.
        var count = cursor.Varint();
        if (count == 0)
        {
            return Headers.Empty;
        }

        if (count > (ulong)cursor.Left / 2)
        {
            throw new RecordBatchException(RecordBatchFault.Malformed, "A record says it has more headers than bytes.");
        }

        var headers = new Header[(int)count];
        for (var i = 0; i < headers.Length; i++)
        {
            var name = Text(ref cursor, bytes.Span, "");
            headers[i] = new Header(name, Slice(ref cursor, bytes));
        }

        return Headers.Owning(headers);
    }

    private static DateTimeOffset Time(ref ByteCursor cursor)
    {
        var ticks = cursor.ZigZag();
        var minutes = cursor.ZigZag();
        // The local time has to be a date too.
        if (!RecordBatch.IsTime(ticks) || minutes is < -TimeOffsetMinutesMax or > TimeOffsetMinutesMax
            || !RecordBatch.IsTime(ticks + (minutes * TimeSpan.TicksPerMinute)))
        {
            throw new RecordBatchException(RecordBatchFault.Malformed, "A record has a time out of range.");
        }

        return BatchLayout.Time(ticks).ToOffset(TimeSpan.FromMinutes(minutes));
    }

    private static ReadOnlyMemory<byte> Slice(ref ByteCursor cursor, ReadOnlyMemory<byte> bytes)
    {
        var (start, length) = cursor.Slice();
        return bytes.Slice(start, length);
    }

    private static string Text(ref ByteCursor cursor, ReadOnlySpan<byte> bytes, string last)
    {
        var (start, length) = cursor.Slice();
        if (length == 0)
        {
            return "";
        }

        var text = bytes.Slice(start, length);
        return last.Length > 0 && IsSame(text, last) ? last : StrictUtf8.GetString(text);
    }

    private static bool IsSame(ReadOnlySpan<byte> utf8, string text) =>
        utf8.Length == text.Length && Ascii.Equals(utf8, text);
}
