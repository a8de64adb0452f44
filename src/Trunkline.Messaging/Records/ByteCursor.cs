namespace Trunkline.Messaging.Records;

/// <summary>Reads varints and lengths out of untrusted bytes; never past their end.</summary>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly int Left => _bytes.Length - Position;

    public byte Byte() => Position < _bytes.Length ? _bytes[Position++] : throw Malformed();

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                // The tenth byte has room for one bit; a final zero byte would be a second spelling of the same number.
                return (shift == 63 && part > 1) || (part == 0 && shift > 0) ? throw Malformed() : value;
            }
        }

        throw Malformed();
    }

    public long ZigZag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A length of what follows: it fits into the bytes left.</summary>
    public int Length()
    {
        var value = Varint();
        return value <= (ulong)Left ? (int)value : throw Malformed();
    }

    /// <summary>Passes over a byte string and tells where it starts and how long it is.</summary>
    public (int Start, int Length) Slice()
    {
        var length = Length();
        var start = Position;
        Position += length;
        return (start, length);
    }

    private static RecordBatchException Malformed() => new(RecordBatchFault.Malformed, "A record batch has a number or length out of bounds.");
}
