using System.Text;

namespace Trunkline.Server.Expressions;

/// <summary>Bytes being written; grows by doubling and is kept between messages up to a bound. Not thread-safe.</summary>
internal sealed class JsonBuffer
{
    private const int KeptBytesMax = 1024 * 1024;
    private byte[] _bytes = new byte[1024];

    /// <summary>Bytes written.</summary>
    public int Count { get; private set; }

    /// <summary>Begins anew. A buffer grown past 1 MiB is let go.</summary>
    public void Clear()
    {
        Count = 0;
        if (_bytes.Length > KeptBytesMax)
        {
            _bytes = new byte[1024];
        }
    }

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => _bytes.AsSpan(0, Count).ToArray();

    /// <summary>Room for that many bytes; tell what was used by <see cref="Advance"/>.</summary>
    public Span<byte> Room(int bytes)
    {
        if (_bytes.Length - Count < bytes)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max((long)_bytes.Length * 2, (long)Count + bytes)));
        }

        return _bytes.AsSpan(Count);
    }

    /// <summary>Counts bytes written into <see cref="Room"/>.</summary>
    public void Advance(int bytes) => Count += bytes;

    /// <summary>Writes one byte.</summary>
    public void Add(byte value)
    {
        Room(1)[0] = value;
        Count++;
    }

    /// <summary>Writes bytes.</summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Room(value.Length));
        Count += value.Length;
    }

    /// <summary>Writes text without lone surrogates as UTF-8.</summary>
    public void AddText(ReadOnlySpan<char> text) => Count += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));
}
