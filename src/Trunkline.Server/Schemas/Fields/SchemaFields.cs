using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Protobuf;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Schemas.Fields;

/// <summary>A field that a schema speaks of.</summary>
/// <param name="Path">Its <see cref="FieldPath"/>.</param>
/// <param name="Kinds">What it may hold.</param>
/// <param name="IsRequired">True if it is there whenever what it is in is there.</param>
internal sealed record SchemaField(string Path, FieldKinds Kinds, bool IsRequired)
{
    /// <summary>The only values it may hold, as JSON texts; null for no such list.</summary>
    public IReadOnlySet<string>? Values { get; init; }
}

/// <summary>The fields of a schema of any format. Immutable.</summary>
internal sealed class SchemaFields
{
    /// <summary>The most fields that are told of one schema; deeper and later ones are left out.</summary>
    public const int FieldsMax = 5000;

    private readonly Dictionary<string, SchemaField> _fields;

    /// <summary>The fields by path, the whole under the empty one.</summary>
    public SchemaFields(Dictionary<string, SchemaField> fields) => _fields = fields;

    /// <summary>All of them, the whole among them, by path.</summary>
    public IReadOnlyDictionary<string, SchemaField> All => _fields;

    /// <summary>The fields of a schema; null for a format whose fields are not known here.</summary>
    /// <param name="content">The schema, which can be read.</param>
    /// <param name="references">What it refers to, by the names it uses.</param>
    public static SchemaFields? Of(SchemaContent content, IReadOnlyList<KeyValuePair<string, string>> references) => content.Type switch
    {
        SchemaTypes.Avro => AvroFormat.Read(content.Text, references, out _) is { } avro ? new(AvroFields.Of(avro)) : null,
        SchemaTypes.Json => new(JsonFields.Of(content.Text, JsonSchemaFormat.Options(references))),
        SchemaTypes.Protobuf => ProtobufSchema.Read(content.Text, references, out _) is { File.MessageTypes: [var first, ..] } ? new(ProtoFields.Of(first)) : null,
        _ => null,
    };

    /// <summary>The field at a place, also of a place below a map; null if the schema does not speak of it.</summary>
    public SchemaField? Find(string path)
    {
        if (_fields.TryGetValue(path, out var field))
        {
            return field;
        }

        // A named value of a map is one of its values.
        if (FieldPath.Parent(path) is { } parent && Find(parent) is { } above && _fields.TryGetValue(FieldPath.Items(above.Path), out field) && above.Kinds.HasFlag(FieldKinds.Object))
        {
            return field with { IsRequired = false };
        }

        return null;
    }

    /// <summary>True if a field, and all it is in, is there in every message.</summary>
    public bool IsAlwaysThere(string path)
    {
        for (var at = path; at is { Length: > 0 }; at = FieldPath.Parent(at))
        {
            if (Find(at) is not { IsRequired: true })
            {
                return false;
            }
        }

        return true;
    }
}
