using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Schemas.Avro;

/// <summary>Writes Avro's binary form.</summary>
internal static class AvroBytes
{
    /// <summary>A number: zig-zag, seven bits a byte.</summary>
    public static void Long(IBufferWriter<byte> output, long value)
    {
        var bits = (ulong)((value << 1) ^ (value >> 63));
        Span<byte> bytes = stackalloc byte[10];
        var length = 0;
        for (; bits >= 0x80; bits >>= 7)
        {
            bytes[length++] = (byte)(bits | 0x80);
        }

        bytes[length++] = (byte)bits;
        output.Write(bytes[..length]);
    }

    /// <summary>A number of 32 bits.</summary>
    public static void Float(IBufferWriter<byte> output, float value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        output.Write(bytes);
    }

    /// <summary>A number of 64 bits.</summary>
    public static void Double(IBufferWriter<byte> output, double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        output.Write(bytes);
    }

    /// <summary>Bytes with their length before them.</summary>
    public static void Sized(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        Long(output, bytes.Length);
        output.Write(bytes);
    }

    /// <summary>A default of a schema, which fits its type, as data.</summary>
    public static byte[] Default(AvroSchema schema, string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
        var output = new ArrayBufferWriter<byte>();
        Value(output, schema, document.RootElement);
        return output.WrittenSpan.ToArray();
    }

    private static void Value(ArrayBufferWriter<byte> output, AvroSchema schema, JsonElement value)
    {
        switch (schema.Type)
        {
            case AvroType.Null:
                break;
            case AvroType.Boolean:
                output.Write([value.GetBoolean() ? (byte)1 : (byte)0]);
                break;
            case AvroType.Int or AvroType.Long:
                Long(output, value.GetInt64());
                break;
            case AvroType.Float:
                Float(output, (float)Real(value));
                break;
            case AvroType.Double:
                Double(output, Real(value));
                break;
            case AvroType.String:
                Sized(output, Encoding.UTF8.GetBytes(value.GetString()!));
                break;
            case AvroType.Bytes:
                Sized(output, Encoding.Latin1.GetBytes(value.GetString()!));
                break;
            case AvroType.Fixed:
                output.Write(Encoding.Latin1.GetBytes(value.GetString()!));
                break;
            case AvroType.Enum:
                Long(output, schema.Symbols.ToList().IndexOf(value.GetString()!));
                break;
            case AvroType.Union:
                var branch = schema.Branches.ToList().FindIndex(one => Fits(one, value));
                Long(output, branch);
                Value(output, schema.Branches[branch], value);
                break;
            default:
                Nested(output, schema, value);
                break;
        }
    }

    private static void Nested(ArrayBufferWriter<byte> output, AvroSchema schema, JsonElement value)
    {
        if (schema.Type == AvroType.Record)
        {
            foreach (var field in schema.Fields)
            {
                if (value.TryGetProperty(field.Name, out var given))
                {
                    Value(output, field.Schema, given);
                }
                else
                {
                    output.Write(Default(field.Schema, field.Default!));
                }
            }

            return;
        }

        var count = schema.Type == AvroType.Array ? value.GetArrayLength() : value.EnumerateObject().Count();
        if (count > 0)
        {
            Long(output, count);
        }

        foreach (var (key, item) in schema.Type == AvroType.Array ? value.EnumerateArray().Select(one => ("", one)) : value.EnumerateObject().Select(one => (one.Name, one.Value)))
        {
            if (schema.Type == AvroType.Map)
            {
                Sized(output, Encoding.UTF8.GetBytes(key));
            }

            Value(output, schema.Items!, item);
        }

        Long(output, 0);
    }

    private static double Real(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetString() switch
    {
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => double.NaN,
    };

    private static bool Fits(AvroSchema schema, JsonElement value)
    {
        using var index = Json.Values.JsonIndex.Parse(Encoding.UTF8.GetBytes(value.GetRawText()), out _);
        return index is not null && new AvroDefaults(index).Fits(schema, 0);
    }
}
