using System.Globalization;
using System.Text.Unicode;

namespace Trunkline.Server.Schemas.Avro;

/// <summary>
/// Walks over Avro's binary form along a schema, without making objects, and finds where it is no value of it. Bounded whatever the bytes say:
/// nesting, items without bytes, lengths beyond the end.
/// </summary>
internal ref struct AvroWalk
{
    private const int DepthMax = 1000;
    private const int EmptyItemsMax = 100_000;

    private readonly ReadOnlySpan<byte> _data;
    private int _at;
    private int _depth;
    private long _items;
    private string? _problem;
    private string _path = "";

    private AvroWalk(ReadOnlySpan<byte> data)
    {
        _data = data;
        _items = EmptyItemsMax + (long)data.Length;
    }

    /// <summary>Where the bytes are no value of the schema; null if they are one.</summary>
    public static SchemaFault? Check(AvroSchema schema, ReadOnlySpan<byte> data)
    {
        var walk = new AvroWalk(data);
        if (walk.Value(schema) && (walk._at == data.Length || walk.Fail("bytes are left over")))
        {
            return null;
        }

        return new SchemaFault(walk._path, "avro", "", string.Create(CultureInfo.InvariantCulture, $"{walk._problem} (byte {walk._at})"));
    }

    private bool Value(AvroSchema schema)
    {
        switch (schema.Type)
        {
            case AvroType.Null:
                return true;
            case AvroType.Boolean:
                return Bytes(1) && (_data[_at - 1] <= 1 || Fail("a boolean is 0 or 1"));
            case AvroType.Int:
                return Long(out var whole) && ((int)whole == whole || Fail("an int does not fit 32 bits"));
            case AvroType.Long:
                return Long(out _);
            case AvroType.Float:
                return Bytes(4);
            case AvroType.Double:
                return Bytes(8);
            case AvroType.Fixed:
                return Bytes(schema.Size);
            case AvroType.Bytes:
                return Length(out var length) && Bytes(length);
            case AvroType.String:
                return Length(out var size) && Bytes(size) && (Utf8.IsValid(_data.Slice(_at - size, size)) || Fail("a string is not UTF-8"));
            case AvroType.Enum:
                return Long(out var symbol) && ((ulong)symbol < (ulong)schema.Symbols.Count || Fail("an enum has no such symbol"));
            default:
                return Nested(schema);
        }
    }

    private bool Nested(AvroSchema schema)
    {
        if (++_depth > DepthMax)
        {
            return Fail("it is nested deeper than 1000 levels");
        }

        var fits = schema.Type switch
        {
            AvroType.Union => Union(schema),
            AvroType.Record => Record(schema),
            _ => Blocks(schema),
        };
        _depth--;
        return fits;
    }

    private bool Union(AvroSchema schema) =>
        Long(out var branch) && ((ulong)branch < (ulong)schema.Branches.Count ? Value(schema.Branches[(int)branch]) : Fail("a union has no such branch"));

    private bool Record(AvroSchema schema)
    {
        var fields = schema.Fields;
        for (var i = 0; i < fields.Count; i++)
        {
            if (!Value(fields[i].Schema))
            {
                return Within(fields[i].Name);
            }
        }

        return true;
    }

    // Arrays and maps: blocks of items, each with its count; a negative count is followed by the block's size.
    private bool Blocks(AvroSchema schema)
    {
        while (Long(out var count))
        {
            if (count == 0)
            {
                return true;
            }

            if (count < 0 && (count == long.MinValue || !Length(out _)))
            {
                return Fail("a block has no size");
            }

            count = Math.Abs(count);
            if ((_items -= count) < 0)
            {
                return Fail("it has more items than bytes");
            }

            for (long item = 0; item < count; item++)
            {
                if ((schema.Type == AvroType.Map && !(Length(out var key) && Bytes(key))) || !Value(schema.Items!))
                {
                    return Within(item.ToString(CultureInfo.InvariantCulture));
                }
            }
        }

        return false;
    }

    private bool Length(out int length)
    {
        var read = Long(out var told);
        length = (int)Math.Clamp(told, 0, int.MaxValue);
        return read && (told >= 0 && told <= _data.Length - _at || Fail("a length goes beyond the end"));
    }

    private bool Bytes(int count)
    {
        if (count > _data.Length - _at)
        {
            return Fail("it ends too early");
        }

        _at += count;
        return true;
    }

    private bool Long(out long value)
    {
        ulong bits = 0;
        for (var shift = 0; shift < 70 && _at < _data.Length; shift += 7)
        {
            var next = _data[_at++];
            bits |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                value = (long)(bits >> 1) ^ -(long)(bits & 1);
                return shift < 63 || next <= 1 || Fail("a number does not fit 64 bits");
            }
        }

        value = 0;
        return Fail(_at == _data.Length ? "it ends too early" : "a number does not fit 64 bits");
    }

    private bool Fail(string problem)
    {
        _problem ??= problem;
        return false;
    }

    private bool Within(string part)
    {
        _path = $"/{part}{_path}";
        return false;
    }
}
