using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Trunkline.Server.Schemas.Avro;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Avro schemas, changes of them as teams make them, and data of them, drawn.</summary>
internal sealed class RandomAvro(Random random)
{
    private static readonly string[] s_plain = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
    private static readonly string[] s_symbols = ["A", "B", "C", "D"];

    private int _names;

    /// <summary>A record, of which some hold themselves.</summary>
    public JsonObject Record(int depth = 2)
    {
        var name = $"R{_names++}";
        var fields = Enumerable.Range(0, random.Next(1, 5)).Select(i => Field($"f{i}", Type(depth))).ToList();
        if (random.Next(6) == 0)
        {
            fields.Add(new JsonObject { ["name"] = "next", ["type"] = new JsonArray("null", name), ["default"] = null });
        }

        return new JsonObject { ["type"] = "record", ["name"] = name, ["fields"] = new JsonArray([.. fields]) };
    }

    /// <summary>A schema like another, changed in up to three places.</summary>
    public JsonObject Changed(JsonObject record)
    {
        var copy = record.DeepClone().AsObject();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var records = Records(copy).ToList();
            Change(records[random.Next(records.Count)]["fields"]!.AsArray());
        }

        return copy;
    }

    /// <summary>Data of a schema.</summary>
    public byte[] Data(AvroSchema schema)
    {
        var bytes = new List<byte>();
        Write(bytes, schema, 4);
        return [.. bytes];
    }

    private void Change(JsonArray fields)
    {
        var field = fields.Count == 0 ? null : fields[random.Next(fields.Count)]!.AsObject();
        switch (random.Next(7))
        {
            case 0:
                fields.Add(Field($"added{_names++}", "long", hasDefault: true));
                break;
            case 1:
                fields.Insert(0, Field($"added{_names++}", "string"));
                break;
            case 2 when field is not null:
                fields.Remove(field);
                break;
            case 3 when field is not null:
                field["aliases"] = new JsonArray(field["name"]!.GetValue<string>());
                field["name"] = $"renamed{_names++}";
                break;
            case 4 when field is not null && field["type"] is JsonObject type && type["symbols"] is JsonArray symbols:
                type["default"] = random.Next(2) == 0 ? symbols[0]!.GetValue<string>() : null;
                symbols.RemoveAt(symbols.Count - 1);
                if (symbols.Count == 0)
                {
                    symbols.Add("A");
                }

                if (type["default"] is null)
                {
                    type.Remove("default");
                }

                break;
            case 5 when field is not null && field["type"] is JsonValue plain && plain.GetValue<string>() is var name && s_plain.Contains(name):
                field.Remove("default");
                field["type"] = random.Next(2) == 0 ? s_plain[random.Next(s_plain.Length)] : name == "null" ? name : new JsonArray(name, "null");
                break;
            default:
                if (field is not null)
                {
                    field.Remove("default");
                    field["type"] = Type(1);
                }

                break;
        }
    }

    private static IEnumerable<JsonObject> Records(JsonNode? at) => at switch
    {
        JsonObject all => (all["fields"] is JsonArray ? [all] : Array.Empty<JsonObject>()).Concat(all.SelectMany(one => Records(one.Value))),
        JsonArray list => list.SelectMany(Records),
        _ => [],
    };

    private static JsonObject Field(string name, JsonNode type, bool hasDefault = false)
    {
        var field = new JsonObject { ["name"] = name, ["type"] = type };
        if (hasDefault)
        {
            field["default"] = 0;
        }

        return field;
    }

    private JsonNode Type(int depth) => random.Next(depth > 0 ? 14 : 8) switch
    {
        8 => new JsonObject { ["type"] = "enum", ["name"] = $"E{_names++}", ["symbols"] = new JsonArray([.. s_symbols.Take(random.Next(1, 5)).Select(one => (JsonNode)one)]) },
        9 => new JsonObject { ["type"] = "fixed", ["name"] = $"F{_names++}", ["size"] = random.Next(1, 4) },
        10 => new JsonObject { ["type"] = "array", ["items"] = Type(depth - 1) },
        11 => new JsonObject { ["type"] = "map", ["values"] = Type(depth - 1) },
        12 => new JsonArray([.. s_plain.OrderBy(_ => random.Next()).Take(random.Next(2, 5)).Select(one => (JsonNode)one)]),
        13 => Record(depth - 1),
        var plain => s_plain[plain],
    };

    private void Write(List<byte> into, AvroSchema schema, int depth)
    {
        switch (schema.Type)
        {
            case AvroType.Boolean:
                into.Add((byte)random.Next(2));
                break;
            case AvroType.Int:
                Long(into, random.Next(int.MinValue, int.MaxValue));
                break;
            case AvroType.Long:
                Long(into, random.NextInt64(long.MinValue, long.MaxValue));
                break;
            case AvroType.Float:
                BinaryPrimitives.WriteSingleLittleEndian(Room(into, 4), random.NextSingle());
                break;
            case AvroType.Double:
                BinaryPrimitives.WriteDoubleLittleEndian(Room(into, 8), random.NextDouble());
                break;
            case AvroType.Bytes or AvroType.String:
                Text(into, new string((char)random.Next('a', 'z'), random.Next(4)));
                break;
            case AvroType.Enum:
                Long(into, random.Next(schema.Symbols.Count));
                break;
            case AvroType.Fixed:
                Room(into, schema.Size);
                break;
            case AvroType.Record:
                foreach (var field in schema.Fields)
                {
                    Write(into, field.Schema, depth - 1);
                }

                break;
            case AvroType.Union:
                // The first branch ends what holds itself.
                var branch = depth > 0 ? random.Next(schema.Branches.Count) : 0;
                Long(into, branch);
                Write(into, schema.Branches[branch], depth - 1);
                break;
            case AvroType.Array or AvroType.Map:
                Blocks(into, schema, depth);
                break;
        }
    }

    private void Blocks(List<byte> into, AvroSchema schema, int depth)
    {
        var count = random.Next(3);
        if (count > 0)
        {
            Long(into, count);
            for (var i = 0; i < count; i++)
            {
                if (schema.Type == AvroType.Map)
                {
                    Text(into, $"k{i}");
                }

                Write(into, schema.Items!, depth - 1);
            }
        }

        Long(into, 0);
    }

    private static void Text(List<byte> into, string text)
    {
        Long(into, text.Length);
        into.AddRange(Encoding.ASCII.GetBytes(text));
    }

    private static Span<byte> Room(List<byte> into, int count)
    {
        into.AddRange(new byte[count]);
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(into)[^count..];
    }

    private static void Long(List<byte> into, long value)
    {
        for (var left = ((ulong)value << 1) ^ (ulong)(value >> 63); ; left >>= 7)
        {
            if (left < 0x80)
            {
                into.Add((byte)left);
                return;
            }

            into.Add((byte)(left | 0x80));
        }
    }
}
