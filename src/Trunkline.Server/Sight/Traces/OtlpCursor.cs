using System.Buffers.Binary;

namespace Trunkline.Server.Sight.Traces;

/// <summary>
/// Reads fields of a Protobuf message one after the other, without copying what lies within. Bounded whatever the bytes say: every step takes
/// one of them. Google's reader goes into nested messages by way of generated classes only.
/// </summary>
/// <param name="bytes">The message.</param>
internal ref struct OtlpCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private int _wire;

    /// <summary>Goes to the next field, past the value of the one before if it was not read.</summary>
    /// <param name="field">Its number.</param>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public bool Next(out int field)
    {
        if (_at == _bytes.Length)
        {
            field = 0;
            return false;
        }

        var tag = Varint();
        _wire = (int)(tag & 7);
        field = tag >> 3 is > 0 and < 1 << 29 ? (int)(tag >> 3) : throw new InvalidDataException("a tag has no number of a field");
        return true;
    }

    /// <summary>The value as a number: of a varint, or of eight or four bytes as they are.</summary>
    public ulong Number() => _wire switch
    {
        0 => Varint(),
        1 => BinaryPrimitives.ReadUInt64LittleEndian(Take(8)),
        5 => BinaryPrimitives.ReadUInt32LittleEndian(Take(4)),
        _ => throw new InvalidDataException("a field is no number"),
    };

    /// <summary>The value as bytes.</summary>
    public ReadOnlySpan<byte> Bytes() => _wire == 2 ? Take(Varint()) : throw new InvalidDataException("a field has no length");

    /// <summary>Passes over the value.</summary>
    public void Skip()
    {
        if (_wire == 2)
        {
            Bytes();
        }
        else
        {
            Number();
        }
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number does not end");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(_bytes.Length - _at))
        {
            throw new InvalidDataException("it ends within a field");
        }

        var taken = _bytes.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }
}
