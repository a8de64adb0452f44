using System.Globalization;
using System.Text;
using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>Pieces of .proto text.</summary>
internal static class ProtoText
{
    /// <summary>Bytes, one a char, as they stand in quotes. UTF-8 stays readable; what is not UTF-8 becomes octal.</summary>
    public static string Escape(string bytes)
    {
        var raw = Encoding.Latin1.GetBytes(bytes);
        var text = new StringBuilder(bytes.Length);
        for (var i = 0; i < raw.Length;)
        {
            if (raw[i] >= 0x80 && Rune.DecodeFromUtf8(raw.AsSpan(i), out var rune, out var length) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
                i += length;
                continue;
            }

            var known = "\a\b\f\n\r\t\v\\'\"".IndexOf((char)raw[i], StringComparison.Ordinal);
            text.Append(known >= 0 ? "\\" + "abfnrtv\\'\""[known] : raw[i] is >= 0x20 and < 0x7F ? ((char)raw[i]).ToString() : "\\" + Convert.ToString(raw[i], 8).PadLeft(3, '0'));
            i++;
        }

        return text.ToString();
    }

    /// <summary>An option's value as the text it stands for; texts without quotes.</summary>
    public static string Value(UninterpretedOption option) =>
        option.HasStringValue ? Encoding.UTF8.GetString(option.StringValue.Span)
        : option.HasIdentifierValue ? option.IdentifierValue
        : option.HasPositiveIntValue ? option.PositiveIntValue.ToString(CultureInfo.InvariantCulture)
        : option.HasNegativeIntValue ? option.NegativeIntValue.ToString(CultureInfo.InvariantCulture)
        : option.HasDoubleValue ? Number(option.DoubleValue)
        : option.AggregateValue;

    /// <summary>A number with a point, as .proto files write it.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.All(c => char.IsAsciiDigit(c) || c == '-') ? text + ".0" : text;
    }

    /// <summary>Entries of a value in braces or brackets: one a line, indented, a comma after each but the last.</summary>
    public static string Block(IReadOnlyList<string> entries)
    {
        var text = new StringBuilder();
        for (var i = 0; i < entries.Count; i++)
        {
            Indent(text, entries[i] + (i < entries.Count - 1 ? "," : ""));
        }

        return text.ToString();
    }

    /// <summary>Appends lines, two blanks before each.</summary>
    public static void Indent(StringBuilder to, string lines)
    {
        foreach (var line in lines.TrimEnd('\n').Split('\n'))
        {
            to.Append("  ").Append(line).Append('\n');
        }
    }
}
