using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf;

/// <summary>A field, as a walk over bytes needs it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How it is written.</param>
/// <param name="Repeated">Whether there may be many.</param>
/// <param name="Utf8">Whether its bytes are text.</param>
/// <param name="Required">Its bit among the required fields; 0 if it is not required.</param>
/// <param name="Message">The message it holds; null for none.</param>
/// <param name="Type">Its type in words.</param>
internal sealed record ProtoFieldShape(string Name, ProtoKind Kind, bool Repeated, bool Utf8, ulong Required, ProtoShape? Message, string Type);

/// <summary>A message type, as a walk over bytes needs it: fields are found by number without asking the description.</summary>
internal sealed class ProtoShape
{
    private const int NearMax = 64;

    private readonly ProtoFieldShape?[] _near = new ProtoFieldShape?[NearMax];
    private readonly Dictionary<int, ProtoFieldShape> _far = [];

    private ProtoShape()
    {
    }

    /// <summary>The bits of all required fields. Past 64 of them the rest is not asked for.</summary>
    public ulong Required { get; private set; }

    /// <summary>The shape of a message type and of all it holds.</summary>
    public static ProtoShape Of(MessageDescriptor type) => Of(type, []);

    /// <summary>The field of a number; null if there is none.</summary>
    public ProtoFieldShape? Find(int number) => number < NearMax ? _near[number] : _far.GetValueOrDefault(number);

    private static ProtoShape Of(MessageDescriptor type, Dictionary<MessageDescriptor, ProtoShape> known)
    {
        if (known.TryGetValue(type, out var shape))
        {
            return shape;
        }

        // Found by those inside that hold it again. Types are as many as the schema has, so the depth of this is bounded by its size.
        known[type] = shape = new ProtoShape();
        var bit = 1UL;
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            var required = field.IsRequired ? bit : 0;
            bit = field.IsRequired ? bit << 1 : bit;
            shape.Required |= required;
            shape.Add(field.FieldNumber, new ProtoFieldShape(
                field.Name,
                ProtoKinds.Of(field),
                field.IsRepeated,
                field.FieldType == FieldType.String,
                required,
                field.FieldType is FieldType.Message or FieldType.Group ? Of(field.MessageType, known) : null,
                field.FieldType.ToString().ToLowerInvariant()));
        }

        return shape;
    }

    private void Add(int number, ProtoFieldShape field)
    {
        if (number < NearMax)
        {
            _near[number] = field;
        }
        else
        {
            _far[number] = field;
        }
    }
}
