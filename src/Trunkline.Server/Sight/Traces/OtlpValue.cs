using System.Globalization;
using System.Text;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Reads names, values and texts of OTLP in Protobuf, within bounds.</summary>
internal static class OtlpValue
{
    // Lists within lists: what lies deeper is left out.
    private const int DepthMax = 4;
    private const int ItemsMax = 32;

    /// <summary>A name with its value as text; null for bytes, which are not kept, and for maps unless they are asked for.</summary>
    public static (string Name, string? Value) Pair(ReadOnlySpan<byte> bytes, bool withMaps = false, int depth = 0)
    {
        var name = "";
        string? value = null;
        var fields = new OtlpCursor(bytes);
        while (fields.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    name = Text(fields.Bytes());
                    break;
                case 2:
                    value = ValueOf(fields.Bytes(), SpanText.ValueMax, withMaps, depth);
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return (name, value);
    }

    /// <summary>A value as text of about a length at most.</summary>
    public static string? ValueOf(ReadOnlySpan<byte> bytes, int max, bool withMaps, int depth = 0)
    {
        string? value = null;
        var fields = new OtlpCursor(bytes);
        while (fields.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    value = Text(fields.Bytes(), max);
                    break;
                case 2:
                    value = fields.Number() == 0 ? "false" : "true";
                    break;
                case 3:
                    value = ((long)fields.Number()).ToString(CultureInfo.InvariantCulture);
                    break;
                case 4:
                    value = SpanDraft.Text(BitConverter.UInt64BitsToDouble(fields.Number()));
                    break;
                case 5 when depth < DepthMax:
                    value = ListOf(fields.Bytes(), max, withMaps, depth + 1);
                    break;
                case 6 when depth < DepthMax && withMaps:
                    value = MapOf(fields.Bytes(), depth + 1);
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return value;
    }

    private static string ListOf(ReadOnlySpan<byte> bytes, int max, bool withMaps, int depth)
    {
        var items = new List<string>();
        var fields = new OtlpCursor(bytes);
        while (items.Count < ItemsMax && fields.Next(out var field))
        {
            if (field == 1)
            {
                items.Add(ValueOf(fields.Bytes(), max, withMaps, depth) ?? "…");
            }
            else
            {
                fields.Skip();
            }
        }

        return string.Join(", ", items);
    }

    private static string MapOf(ReadOnlySpan<byte> bytes, int depth)
    {
        var items = new List<string>();
        var fields = new OtlpCursor(bytes);
        while (items.Count < ItemsMax && fields.Next(out var field))
        {
            if (field != 1)
            {
                fields.Skip();
                continue;
            }

            var (name, value) = Pair(fields.Bytes(), withMaps: true, depth);
            if (!SpanText.IsContent(name))
            {
                items.Add($"{name}={value ?? "…"}");
            }
        }

        return string.Join(", ", items);
    }

    /// <summary>A text. No more of it is decoded than could be kept.</summary>
    public static string Text(ReadOnlySpan<byte> bytes, int max = SpanText.ValueMax) => Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 4 * (max + 1))]);
}
