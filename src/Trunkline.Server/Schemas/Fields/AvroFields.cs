using Trunkline.Server.Schemas.Avro;

namespace Trunkline.Server.Schemas.Fields;

/// <summary>The fields of an Avro schema. A record that contains itself is followed once.</summary>
internal sealed class AvroFields
{
    private readonly Dictionary<string, SchemaField> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<AvroSchema> _open = [];

    private AvroFields()
    {
    }

    /// <summary>The fields by path.</summary>
    public static Dictionary<string, SchemaField> Of(AvroSchema schema)
    {
        var fields = new AvroFields();
        fields.Add("", schema, true);
        return fields._fields;
    }

    private void Add(string path, AvroSchema schema, bool isRequired)
    {
        if (_fields.Count >= SchemaFields.FieldsMax)
        {
            return;
        }

        var kinds = KindOf(schema);
        var values = schema.Type == AvroType.Enum ? schema.Symbols.Select(symbol => $"\"{symbol}\"").ToHashSet(StringComparer.Ordinal) : null;
        _fields[path] = _fields.TryGetValue(path, out var known)
            ? known with { Kinds = known.Kinds | kinds, IsRequired = known.IsRequired && isRequired, Values = null }
            : new SchemaField(path, kinds, isRequired) { Values = values };
        if (!_open.Add(schema))
        {
            return;
        }

        foreach (var field in schema.Fields)
        {
            Add(FieldPath.Member(path, field.Name), field.Schema, true);
        }

        foreach (var branch in schema.Branches.Where(branch => branch.Type != AvroType.Null))
        {
            Add(path, branch, isRequired);
        }

        if (schema.Items is { } items)
        {
            Add(FieldPath.Items(path), items, schema.Type == AvroType.Array);
        }

        _open.Remove(schema);
    }

    private static FieldKinds KindOf(AvroSchema schema) => schema.Type switch
    {
        AvroType.Null => FieldKinds.Null,
        AvroType.Boolean => FieldKinds.Boolean,
        AvroType.Int or AvroType.Long => FieldKinds.Integer,
        AvroType.Float or AvroType.Double => FieldKinds.Number | FieldKinds.Integer,
        AvroType.String or AvroType.Enum => FieldKinds.Text,
        AvroType.Bytes or AvroType.Fixed => FieldKinds.Bytes,
        AvroType.Array => FieldKinds.List,
        AvroType.Record or AvroType.Map => FieldKinds.Object,
        _ => schema.Branches.Aggregate(FieldKinds.None, (kinds, branch) => kinds | KindOf(branch)),
    };
}
