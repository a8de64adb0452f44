using System.Globalization;
using System.Text.Unicode;

namespace Trunkline.Server.Schemas.Protobuf;

/// <summary>
/// Walks over Protobuf's binary form along a message type, without making objects, and finds where it is no such message. Fields the type does
/// not know are passed over, as they may be newer. Bounded whatever the bytes say: every step takes a byte, nesting has an end.
/// </summary>
internal ref struct ProtoWalk
{
    // The limit of Protobuf's own libraries: deeper messages could not be read by consumers.
    private const int DepthMax = 100;

    private readonly ReadOnlySpan<byte> _data;
    private int _at;
    private int _depth;
    private string? _problem;
    private string _path = "";

    private ProtoWalk(ReadOnlySpan<byte> data) => _data = data;

    /// <summary>Where the bytes are no message of the type; null if they are one.</summary>
    public static SchemaFault? Check(ProtoShape type, ReadOnlySpan<byte> data)
    {
        var walk = new ProtoWalk(data);
        return walk.Message(type, data.Length, 0)
            ? null
            : new SchemaFault(walk._path, "protobuf", "", string.Create(CultureInfo.InvariantCulture, $"{walk._problem} (byte {walk._at})"));
    }

    /// <summary>Reads a message up to an end, or up to the end of a group.</summary>
    private bool Message(ProtoShape? type, int end, int group)
    {
        if (++_depth > DepthMax)
        {
            return Fail("it is nested deeper than 100 levels");
        }

        var missing = type?.Required ?? 0;
        while (_at < end)
        {
            if (!Varint(end, out var tag))
            {
                return false;
            }

            var (number, wire) = (tag >> 3, (WireFormat)(tag & 7));
            if (number is 0 or > Reading.ProtoNames.FieldNumberMax)
            {
                return Fail("a tag has no number of a field");
            }

            if (wire == WireFormat.EndGroup)
            {
                _depth--;
                return (int)number == group ? Complete(missing) : Fail("a group ends that did not begin");
            }

            var field = type?.Find((int)number);
            missing &= ~(field?.Required ?? 0);
            if (!(field is null ? Skip((int)number, wire, end) : Known(field, (int)number, wire, end)))
            {
                _path = field is null ? _path : "/" + field.Name + _path;
                return false;
            }
        }

        _depth--;
        return group == 0 ? Complete(missing) : Fail("a group does not end");
    }

    private bool Complete(ulong missing) => missing == 0 || Fail("a required field is missing");

    private bool Known(ProtoFieldShape field, int number, WireFormat wire, int end)
    {
        var kind = field.Kind;
        var own = WireOf(kind);
        if (wire == WireFormat.Length && field.Repeated && ProtoKinds.IsNumeric(kind))
        {
            return Packed(own, end);
        }

        if (wire != own)
        {
            return Fail($"the field is a {field.Type}, and is not written as one");
        }

        if (kind == ProtoKind.Group)
        {
            return Message(field.Message, end, number);
        }

        if (own != WireFormat.Length)
        {
            return Plain(own, end);
        }

        if (!Length(end, out var stop))
        {
            return false;
        }

        if (kind is ProtoKind.Message or ProtoKind.Map)
        {
            return Message(field.Message, stop, 0);
        }

        var text = _data[_at..stop];
        _at = stop;
        return !field.Utf8 || Utf8.IsValid(text) || Fail("a string is not UTF-8");
    }

    private static WireFormat WireOf(ProtoKind kind) => kind switch
    {
        ProtoKind.Varint or ProtoKind.ZigZag => WireFormat.Varint,
        ProtoKind.Fixed32 or ProtoKind.Float => WireFormat.Four,
        ProtoKind.Fixed64 or ProtoKind.Double => WireFormat.Eight,
        ProtoKind.Group => WireFormat.Group,
        _ => WireFormat.Length,
    };

    private bool Packed(WireFormat wire, int end)
    {
        if (!Length(end, out var stop))
        {
            return false;
        }

        while (_at < stop)
        {
            if (!Plain(wire, stop))
            {
                return false;
            }
        }

        return true;
    }

    private bool Skip(int number, WireFormat wire, int end)
    {
        switch (wire)
        {
            case WireFormat.Length:
                var fits = Length(end, out var stop);
                _at = fits ? stop : _at;
                return fits;
            case WireFormat.Group:
                return Message(null, end, number);
            default:
                return Plain(wire, end);
        }
    }

    private bool Plain(WireFormat wire, int end)
    {
        var size = wire switch
        {
            WireFormat.Varint => 0,
            WireFormat.Four => sizeof(int),
            WireFormat.Eight => sizeof(long),
            _ => -1,
        };
        if (size <= 0)
        {
            return size == 0 ? Varint(end, out _) : Fail("there is no such wire type");
        }

        _at += size;
        return _at <= end || Fail("a number is cut off");
    }

    private bool Length(int end, out int stop)
    {
        stop = 0;
        if (!Varint(end, out var length))
        {
            return false;
        }

        if (length > (ulong)(end - _at))
        {
            return Fail("a length goes beyond the end");
        }

        stop = _at + (int)length;
        return true;
    }

    private bool Varint(int end, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at >= end)
            {
                return Fail("a number is cut off");
            }

            var one = _data[_at++];
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
            {
                return shift < 63 || one <= 1 || Fail("a number has more than 64 bits");
            }
        }

        return Fail("a number has more than 64 bits");
    }

    private bool Fail(string problem)
    {
        _problem ??= problem;
        return false;
    }

    private enum WireFormat
    {
        Varint = 0,
        Eight = 1,
        Length = 2,
        Group = 3,
        EndGroup = 4,
        Four = 5,
    }
}
