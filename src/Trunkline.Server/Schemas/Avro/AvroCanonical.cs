using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Server.Schemas.Avro;

/// <summary>The parsing canonical form of a schema, and fingerprints of it.</summary>
internal static class AvroCanonical
{
    private const ulong Empty = 0xc15d213aa4d7a795;
    private static readonly ulong[] s_table = [.. Enumerable.Range(0, 256).Select(TableEntry)];

    /// <summary>The canonical form: what matters to a reader of data, and nothing else.</summary>
    public static string Form(AvroSchema schema)
    {
        var into = new StringBuilder();
        Write(schema, into, []);
        return into.ToString();
    }

    /// <summary>CRC-64-AVRO (Rabin).</summary>
    public static ulong Crc64(string form)
    {
        var print = Empty;
        foreach (var unit in Encoding.UTF8.GetBytes(form))
        {
            print = (print >> 8) ^ s_table[(byte)(print ^ unit)];
        }

        return print;
    }

    /// <summary>SHA-256.</summary>
    public static byte[] Sha256(string form) => SHA256.HashData(Encoding.UTF8.GetBytes(form));

    private static ulong TableEntry(int value)
    {
        var print = (ulong)value;
        for (var bit = 0; bit < 8; bit++)
        {
            print = (print >> 1) ^ (Empty & (0 - (print & 1)));
        }

        return print;
    }

    private static void Write(AvroSchema schema, StringBuilder into, HashSet<string> written)
    {
        if (schema.IsNamed && !written.Add(schema.FullName))
        {
            Quote(schema.FullName, into);
            return;
        }

        switch (schema.Type)
        {
            case AvroType.Union:
                into.Append('[');
                Separate(schema.Branches, into, branch => Write(branch, into, written));
                into.Append(']');
                break;
            case AvroType.Array or AvroType.Map:
                into.Append(CultureInfo.InvariantCulture, $$"""{"type":"{{schema.TypeName}}","{{(schema.Type == AvroType.Array ? "items" : "values")}}":""");
                Write(schema.Items!, into, written);
                into.Append('}');
                break;
            case AvroType.Record or AvroType.Enum or AvroType.Fixed:
                WriteNamed(schema, into, written);
                break;
            default:
                Quote(schema.TypeName, into);
                break;
        }
    }

    private static void WriteNamed(AvroSchema schema, StringBuilder into, HashSet<string> written)
    {
        into.Append("{\"name\":");
        Quote(schema.FullName, into);
        into.Append(",\"type\":");
        Quote(schema.TypeName, into);
        switch (schema.Type)
        {
            case AvroType.Fixed:
                into.Append(CultureInfo.InvariantCulture, $",\"size\":{schema.Size}");
                break;
            case AvroType.Enum:
                into.Append(",\"symbols\":[");
                Separate(schema.Symbols, into, symbol => Quote(symbol, into));
                into.Append(']');
                break;
            default:
                into.Append(",\"fields\":[");
                Separate(schema.Fields, into, field =>
                {
                    into.Append("{\"name\":");
                    Quote(field.Name, into);
                    into.Append(",\"type\":");
                    Write(field.Schema, into, written);
                    into.Append('}');
                });
                into.Append(']');
                break;
        }

        into.Append('}');
    }

    // Names and symbols are letters, digits, dots and underscores: nothing in them needs an escape.
    private static void Quote(string text, StringBuilder into) => into.Append('"').Append(text).Append('"');

    private static void Separate<T>(IReadOnlyList<T> parts, StringBuilder into, Action<T> write)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0)
            {
                into.Append(',');
            }

            write(parts[i]);
        }
    }
}
