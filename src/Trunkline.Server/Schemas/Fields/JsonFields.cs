using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Json.Compatibility;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Fields;

/// <summary>
/// The fields of a JSON Schema: <c>properties</c>, <c>items</c> and <c>additionalProperties</c> through references, <c>allOf</c> and alternatives. What
/// holds only for some alternatives is not required. A schema that contains itself is followed once.
/// </summary>
internal sealed class JsonFields
{
    private const int DepthMax = 32;
    private const int AlternativesMax = 64;

    private readonly SchemaSide _side;
    private readonly HashSet<SchemaNode> _open = [];
    private int _left = SchemaFields.FieldsMax;

    private JsonFields(SchemaSide side) => _side = side;

    /// <summary>The fields by path.</summary>
    /// <param name="text">The schema, which can be read.</param>
    /// <param name="options">What it is read with.</param>
    public static Dictionary<string, SchemaField> Of(string text, JsonSchemaOptions options)
    {
        var side = new SchemaSide(text, options);
        return new JsonFields(side).Collect("", [side.Root], true, 0);
    }

    /// <summary>The field at a place and those in it.</summary>
    private Dictionary<string, SchemaField> Collect(string path, IEnumerable<SchemaPart> parts, bool isRequired, int depth)
    {
        var fields = new Dictionary<string, SchemaField>(StringComparer.Ordinal) { [path] = new(path, FieldKinds.Any, isRequired) };
        var flat = _side.Flatten(parts);
        var opened = flat.Where(part => _open.Add(part.Node)).ToList();
        if (depth < DepthMax && --_left > 0)
        {
            foreach (var part in flat)
            {
                Narrow(fields, path, part);
            }

            foreach (var part in opened)
            {
                Members(fields, path, part, depth);
                Alternatives(fields, path, part, depth);
            }
        }

        opened.ForEach(part => _open.Remove(part.Node));
        return fields;
    }

    private static void Narrow(Dictionary<string, SchemaField> fields, string path, SchemaPart part)
    {
        var field = fields[path];
        var values = ValuesOf(part);
        fields[path] = field with
        {
            Kinds = field.Kinds & (part.IsNever ? FieldKinds.None : KindsOf(part)),
            Values = field.Values is null ? values : values is null ? field.Values : field.Values.Intersect(values).ToHashSet(StringComparer.Ordinal),
        };
    }

    private void Members(Dictionary<string, SchemaField> fields, string path, SchemaPart part, int depth)
    {
        var required = part.Find("required"u8) is >= 0 and var names ? SchemaPlaces.Items(part.Index, names).Select(part.Index.Text).ToHashSet(StringComparer.Ordinal) : [];
        if (part.Find("properties"u8) is >= 0 and var properties && part.Index[properties].Kind == JsonKind.Object)
        {
            for (var (at, end) = (properties + 1, part.Index[properties].Next); at < end; at = part.Index[at + 1].Next)
            {
                var name = part.Index.Text(at);
                And(fields, Collect(FieldPath.Member(path, name), [_side.At(part, at + 1)], required.Contains(name), depth + 1));
            }
        }

        foreach (var keyword in (string[])["items", "additionalProperties"])
        {
            if (part.Find(System.Text.Encoding.UTF8.GetBytes(keyword)) is >= 0 and var items && part.Index[items].Kind == JsonKind.Object)
            {
                And(fields, Collect(FieldPath.Items(path), [_side.At(part, items)], keyword == "items", depth + 1));
            }
        }
    }

    private void Alternatives(Dictionary<string, SchemaField> fields, string path, SchemaPart part, int depth)
    {
        foreach (var keyword in (string[])["anyOf", "oneOf"])
        {
            if (part.Find(System.Text.Encoding.UTF8.GetBytes(keyword)) is >= 0 and var list)
            {
                var all = SchemaPlaces.Items(part.Index, list).Take(AlternativesMax).Select(token => Collect(path, [_side.At(part, token)], true, depth + 1)).ToList();
                And(fields, Or(all));
            }
        }
    }

    /// <summary>What holds if both do.</summary>
    private static void And(Dictionary<string, SchemaField> fields, Dictionary<string, SchemaField> more)
    {
        foreach (var (path, field) in more)
        {
            fields[path] = fields.TryGetValue(path, out var known)
                ? known with { Kinds = known.Kinds & field.Kinds, IsRequired = known.IsRequired || field.IsRequired, Values = known.Values ?? field.Values }
                : field;
        }
    }

    /// <summary>What holds if one of them does.</summary>
    private static Dictionary<string, SchemaField> Or(List<Dictionary<string, SchemaField>> all)
    {
        var either = new Dictionary<string, SchemaField>(StringComparer.Ordinal);
        foreach (var path in all.SelectMany(one => one.Keys).Distinct(StringComparer.Ordinal))
        {
            var found = all.Where(one => one.ContainsKey(path)).Select(one => one[path]).ToList();
            either[path] = new SchemaField(path, found.Aggregate(FieldKinds.None, (kinds, one) => kinds | one.Kinds), found.Count == all.Count && found.TrueForAll(one => one.IsRequired))
            {
                Values = found.TrueForAll(one => one.Values is not null) ? found.SelectMany(one => one.Values!).ToHashSet(StringComparer.Ordinal) : null,
            };
        }

        return either;
    }

    /// <summary>The kinds of values a schema allows, by its own keywords.</summary>
    public static FieldKinds KindsOf(SchemaPart part)
    {
        if (part.Find("type"u8) is not (>= 0 and var type))
        {
            return ValuesOf(part) is { } values ? values.Aggregate(FieldKinds.None, (kinds, value) => kinds | KindOfValue(value)) : FieldKinds.Any;
        }

        return part.Index[type].Kind == JsonKind.String
            ? KindOf(part.Index.Text(type))
            : SchemaPlaces.Items(part.Index, type).Aggregate(FieldKinds.None, (kinds, one) => kinds | KindOf(part.Index.Text(one)));
    }

    private static HashSet<string>? ValuesOf(SchemaPart part) =>
        part.Find("enum"u8) is >= 0 and var list ? SchemaPlaces.Items(part.Index, list).Select(part.Raw).ToHashSet(StringComparer.Ordinal)
        : part.Raw("const") is { } only ? [only]
        : null;

    private static FieldKinds KindOf(string type) => type switch
    {
        "null" => FieldKinds.Null,
        "boolean" => FieldKinds.Boolean,
        "integer" => FieldKinds.Integer,
        "number" => FieldKinds.Number | FieldKinds.Integer,
        "string" => FieldKinds.Text,
        "object" => FieldKinds.Object,
        "array" => FieldKinds.List,
        _ => FieldKinds.Any,
    };

    private static FieldKinds KindOfValue(string json) => json[0] switch
    {
        '"' => FieldKinds.Text,
        '{' => FieldKinds.Object,
        '[' => FieldKinds.List,
        'T' or 'F' => FieldKinds.Boolean,
        'N' => FieldKinds.Null,
        _ => FieldKinds.Number | FieldKinds.Integer,
    };
}
