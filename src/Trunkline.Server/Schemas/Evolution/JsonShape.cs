using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Json.Compatibility;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Evolution;

/// <summary>What a JSON Schema says of a value that helps to make one of another: members, defaults, other names. Immutable once made.</summary>
internal sealed class JsonShape
{
    private const int DepthMax = 24;
    private const int PlacesMax = 2000;

    /// <summary>Members of an object.</summary>
    public Dictionary<string, JsonShape> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>Items of a list; null if nothing is said of them.</summary>
    public JsonShape? Items { get; private set; }

    /// <summary>True if no other members are allowed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The default as JSON; null for none.</summary>
    public string? Default { get; private set; }

    /// <summary>Other names of the member, from its annotation <c>aliases</c>.</summary>
    public IReadOnlyList<string> Aliases { get; private set; } = [];

    /// <summary>The kinds of values it allows.</summary>
    public FieldKinds Kinds { get; private set; } = FieldKinds.Any;

    /// <summary>Reads a schema that can be read. One that contains itself is followed to a bound.</summary>
    public static JsonShape Of(string text, JsonSchemaOptions options)
    {
        var side = new SchemaSide(text, options);
        var left = PlacesMax;
        return Of(side, [side.Root], 0, ref left);
    }

    private static JsonShape Of(SchemaSide side, IEnumerable<SchemaPart> parts, int depth, ref int left)
    {
        var shape = new JsonShape();
        if (depth == DepthMax || --left < 0)
        {
            return shape;
        }

        foreach (var part in side.Flatten(parts))
        {
            shape.Kinds &= JsonFields.KindsOf(part);
            shape.Default ??= part.Find("default"u8) is >= 0 and var value ? part.Index.Json(value) : null;
            shape.IsClosed |= part.Find("additionalProperties"u8) is >= 0 and var more && part.Index[more].Kind == JsonKind.False;
            if (part.Find("aliases"u8) is >= 0 and var aliases)
            {
                shape.Aliases = [.. shape.Aliases, .. SchemaPlaces.Items(part.Index, aliases).Where(one => part.Index[one].Kind == JsonKind.String).Select(part.Index.Text)];
            }

            shape.Read(side, part, depth, ref left);
        }

        return shape;
    }

    private void Read(SchemaSide side, SchemaPart part, int depth, ref int left)
    {
        if (part.Find("properties"u8) is >= 0 and var properties && part.Index[properties].Kind == JsonKind.Object)
        {
            for (var (at, end) = (properties + 1, part.Index[properties].Next); at < end; at = part.Index[at + 1].Next)
            {
                Members[part.Index.Text(at)] = Of(side, [side.At(part, at + 1)], depth + 1, ref left);
            }
        }

        if (part.Find("items"u8) is >= 0 and var items && part.Index[items].Kind == JsonKind.Object)
        {
            Items = Of(side, [side.At(part, items)], depth + 1, ref left);
        }
    }
}
