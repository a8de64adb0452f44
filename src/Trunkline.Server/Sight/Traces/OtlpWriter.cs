using System.Buffers.Binary;
using System.Text;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Writes spans as OTLP's Protobuf, which is what they are kept as: any tool that reads OTLP reads the topic.</summary>
internal sealed class OtlpWriter
{
    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>A request with these spans.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<TraceSpan> spans)
    {
        var request = new OtlpWriter();
        foreach (var service in spans.GroupBy(s => s.Service, StringComparer.Ordinal))
        {
            var of = request.Open(1);
            var resource = request.Open(1);
            request.Pair(1, new("service.name", service.Key));
            request.Close(resource);
            var scope = request.Open(2);
            foreach (var span in service)
            {
                var one = request.Open(2);
                request.Span(span);
                request.Close(one);
            }

            request.Close(scope);
            request.Close(of);
        }

        return request._bytes.AsMemory(0, request._length);
    }

    private void Span(TraceSpan span)
    {
        Id(1, span.Trace);
        Id(2, span.Id);
        if (span.Parent is not null)
        {
            Id(4, span.Parent);
        }

        Text(5, span.Name);
        Number(6, (ulong)span.Role);
        Fixed(7, span.Start);
        Fixed(8, span.End);
        foreach (var attribute in span.Attributes)
        {
            Pair(9, attribute);
        }

        foreach (var link in span.Links)
        {
            var one = Open(13);
            Id(1, link.Trace);
            Id(2, link.Id);
            Close(one);
        }

        if (span.Failed)
        {
            var status = Open(15);
            Number(3, 2);
            Close(status);
        }
    }

    private void Pair(int field, KeyValuePair<string, string> pair)
    {
        var one = Open(field);
        Text(1, pair.Key);
        var value = Open(2);
        Text(1, pair.Value);
        Close(value);
        Close(one);
    }

    private void Id(int field, string hex)
    {
        Varint(((uint)field << 3) | 2);
        Varint((uint)hex.Length / 2);
        Convert.FromHexString(hex, Room(hex.Length / 2), out _, out var written);
        _length += written;
    }

    private void Text(int field, string text)
    {
        Varint(((uint)field << 3) | 2);
        var length = Encoding.UTF8.GetByteCount(text);
        Varint((uint)length);
        _length += Encoding.UTF8.GetBytes(text, Room(length));
    }

    private void Number(int field, ulong value)
    {
        Varint((uint)field << 3);
        Varint(value);
    }

    private void Fixed(int field, long value)
    {
        Varint(((uint)field << 3) | 1);
        BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);
        _length += 8;
    }

    /// <summary>Begins a part, whose length stands before it: where it is to stand.</summary>
    private int Open(int field)
    {
        Varint(((uint)field << 3) | 2);
        Room(1);
        return _length++;
    }

    /// <summary>Ends it. A part of 128 bytes or more moves, since its length takes more than the byte left for it.</summary>
    private void Close(int at)
    {
        var (begins, length) = (at + 1, _length - at - 1);
        Span<byte> said = stackalloc byte[5];
        var size = Varint((uint)length, said);
        if (size > 1)
        {
            Room(size - 1);
            _bytes.AsSpan(begins, length).CopyTo(_bytes.AsSpan(at + size));
            _length += size - 1;
        }

        said[..size].CopyTo(_bytes.AsSpan(at));
    }

    private void Varint(ulong value) => _length += Varint(value, Room(10));

    private static int Varint(ulong value, Span<byte> to)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[length++] = (byte)(value | 0x80);
        }

        to[length++] = (byte)value;
        return length;
    }

    /// <summary>Room for so many bytes more.</summary>
    private Span<byte> Room(int bytes)
    {
        if (_length + bytes > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + bytes));
        }

        return _bytes.AsSpan(_length);
    }
}
