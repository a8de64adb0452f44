using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Fields;

/// <summary>The fields of a Protobuf message, by their names. A message that contains itself is followed once.</summary>
internal sealed class ProtoFields
{
    private readonly Dictionary<string, SchemaField> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<MessageDescriptor> _open = [];

    private ProtoFields()
    {
    }

    /// <summary>The fields by path.</summary>
    public static Dictionary<string, SchemaField> Of(MessageDescriptor message)
    {
        var fields = new ProtoFields();
        fields.Message("", message, true);
        return fields._fields;
    }

    private void Message(string path, MessageDescriptor message, bool isRequired)
    {
        if (!Add(path, FieldKinds.Object, isRequired) || !_open.Add(message))
        {
            return;
        }

        foreach (var field in message.Fields.InFieldNumberOrder())
        {
            Field(FieldPath.Member(path, field.Name), field);
        }

        _open.Remove(message);
    }

    private void Field(string path, FieldDescriptor field)
    {
        if (field.IsMap)
        {
            Add(path, FieldKinds.Object, false);
            Value(FieldPath.Items(path), field.MessageType.FindFieldByNumber(2), false);
        }
        else if (field.IsRepeated)
        {
            Add(path, FieldKinds.List, false);
            Value(FieldPath.Items(path), field, true);
        }
        else
        {
            Value(path, field, field.IsRequired);
        }
    }

    private void Value(string path, FieldDescriptor field, bool isRequired)
    {
        if (field.FieldType is FieldType.Message or FieldType.Group)
        {
            Message(path, field.MessageType, isRequired);
        }
        else
        {
            Add(path, KindOf(field.FieldType), isRequired, field.FieldType == FieldType.Enum ? field.EnumType : null);
        }
    }

    private bool Add(string path, FieldKinds kinds, bool isRequired, EnumDescriptor? values = null) => _fields.Count < SchemaFields.FieldsMax && _fields.TryAdd(path, new SchemaField(path, kinds, isRequired)
    {
        Values = values?.Values.Select(value => $"\"{value.Name}\"").ToHashSet(StringComparer.Ordinal),
    });

    private static FieldKinds KindOf(FieldType type) => type switch
    {
        FieldType.Bool => FieldKinds.Boolean,
        FieldType.Float or FieldType.Double => FieldKinds.Number | FieldKinds.Integer,
        FieldType.String or FieldType.Enum => FieldKinds.Text,
        FieldType.Bytes => FieldKinds.Bytes,
        _ => FieldKinds.Integer,
    };
}
