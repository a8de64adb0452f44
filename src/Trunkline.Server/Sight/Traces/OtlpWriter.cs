using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Writes spans as OTLP's Protobuf, which is what they are kept as: any tool that reads OTLP reads the topic.</summary>
internal sealed class OtlpWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>A request with these spans.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<TraceSpan> spans)
    {
        var request = new OtlpWriter();
        foreach (var service in spans.GroupBy(s => s.Service, StringComparer.Ordinal))
        {
            request.Within(1, of =>
            {
                of.Within(1, resource => resource.Pair(1, new("service.name", service.Key)));
                of.Within(2, scope =>
                {
                    foreach (var span in service)
                    {
                        scope.Within(2, to => to.Span(span));
                    }
                });
            });
        }

        return request._bytes.WrittenMemory;
    }

    private void Span(TraceSpan span)
    {
        Bytes(1, Convert.FromHexString(span.Trace));
        Bytes(2, Convert.FromHexString(span.Id));
        if (span.Parent is not null)
        {
            Bytes(4, Convert.FromHexString(span.Parent));
        }

        Bytes(5, Encoding.UTF8.GetBytes(span.Name));
        Number(6, (ulong)span.Role);
        Fixed(7, span.Start);
        Fixed(8, span.End);
        foreach (var attribute in span.Attributes)
        {
            Pair(9, attribute);
        }

        foreach (var link in span.Links)
        {
            Within(13, to =>
            {
                to.Bytes(1, Convert.FromHexString(link.Trace));
                to.Bytes(2, Convert.FromHexString(link.Id));
            });
        }

        if (span.Failed)
        {
            Within(15, status => status.Number(3, 2));
        }
    }

    private void Pair(int field, KeyValuePair<string, string> pair) => Within(field, to =>
    {
        to.Bytes(1, Encoding.UTF8.GetBytes(pair.Key));
        to.Within(2, value => value.Bytes(1, Encoding.UTF8.GetBytes(pair.Value)));
    });

    private void Within(int field, Action<OtlpWriter> write)
    {
        var nested = new OtlpWriter();
        write(nested);
        Bytes(field, nested._bytes.WrittenSpan);
    }

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((uint)field << 3) | 2);
        Varint((uint)value.Length);
        _bytes.Write(value);
    }

    private void Number(int field, ulong value)
    {
        Varint((uint)field << 3);
        Varint(value);
    }

    private void Fixed(int field, long value)
    {
        Varint(((uint)field << 3) | 1);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    private void Varint(ulong value)
    {
        var to = _bytes.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[length++] = (byte)(value | 0x80);
        }

        to[length++] = (byte)value;
        _bytes.Advance(length);
    }
}
