using System.Text;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>Names protoc makes of others, and its limits.</summary>
internal static class ProtoNames
{
    /// <summary>The highest number a field can have.</summary>
    public const int FieldNumberMax = 536_870_911;

    /// <summary>The message that stands for an entry of a map field.</summary>
    public static string MapEntry(string field) => Camel(field, upper: true) + "Entry";

    /// <summary>A field's name in JSON, unless it says another.</summary>
    public static string Json(string field) => Camel(field, upper: false);

    private static string Camel(string field, bool upper)
    {
        var name = new StringBuilder(field.Length);
        foreach (var c in field)
        {
            if (c == '_')
            {
                upper = true;
            }
            else
            {
                name.Append(upper ? char.ToUpperInvariant(c) : c);
                upper = false;
            }
        }

        return name.ToString();
    }
}
