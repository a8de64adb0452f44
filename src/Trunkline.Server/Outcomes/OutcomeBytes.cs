using System.Text;

namespace Trunkline.Server.Outcomes;

/// <summary>A growing run of bytes with the few forms outcomes are made of. Not thread-safe.</summary>
internal sealed class OutcomeBytes
{
    private const int VarintMax = 10;

    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    public void Number(ulong value)
    {
        Reserve(VarintMax);
        var at = Length;
        while (value >= 0x80)
        {
            _bytes[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[at++] = (byte)value;
        Length = at;
    }

    public void Signed(long value) => Number(OutcomeLayout.ZigZag(value));

    /// <summary>A byte string after its length.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number((ulong)value.Length);
        Raw(value);
    }

    public void Raw(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_bytes.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>A text in UTF-8 after its length.</summary>
    public void Text(string value)
    {
        // Most texts are ASCII of less than 128 bytes: their length takes one byte, known before they are encoded.
        var bytes = value.Length < 43 ? -1 : Encoding.UTF8.GetByteCount(value);
        if (bytes >= 0)
        {
            Number((ulong)bytes);
            Reserve(bytes);
            Length += Encoding.UTF8.GetBytes(value, _bytes.AsSpan(Length));
            return;
        }

        Reserve(1 + (value.Length * 3));
        var written = Encoding.UTF8.GetBytes(value, _bytes.AsSpan(Length + 1));
        _bytes[Length] = (byte)written;
        Length += 1 + written;
    }

    private void Reserve(int more)
    {
        if (Length + more > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(checked(Length + more), _bytes.Length * 2));
        }
    }
}
