using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf;

/// <summary>Types that are written in the same way, so that one may become the other.</summary>
internal enum ProtoKind
{
    /// <summary>int32, int64, uint32, uint64, bool and enums.</summary>
    Varint,

    /// <summary>sint32 and sint64.</summary>
    ZigZag,

    /// <summary>fixed32 and sfixed32.</summary>
    Fixed32,

    /// <summary>fixed64 and sfixed64.</summary>
    Fixed64,

    /// <summary>float.</summary>
    Float,

    /// <summary>double.</summary>
    Double,

    /// <summary>string and bytes.</summary>
    Text,

    /// <summary>A message.</summary>
    Message,

    /// <summary>A group: a message between two tags.</summary>
    Group,

    /// <summary>A map.</summary>
    Map,
}

/// <summary>Which type is of which kind.</summary>
internal static class ProtoKinds
{
    /// <summary>The kind of a field.</summary>
    public static ProtoKind Of(FieldDescriptor field) => field.IsMap ? ProtoKind.Map : field.FieldType switch
    {
        FieldType.SInt32 or FieldType.SInt64 => ProtoKind.ZigZag,
        FieldType.Fixed32 or FieldType.SFixed32 => ProtoKind.Fixed32,
        FieldType.Fixed64 or FieldType.SFixed64 => ProtoKind.Fixed64,
        FieldType.Float => ProtoKind.Float,
        FieldType.Double => ProtoKind.Double,
        FieldType.String or FieldType.Bytes => ProtoKind.Text,
        FieldType.Message => ProtoKind.Message,
        FieldType.Group => ProtoKind.Group,
        _ => ProtoKind.Varint,
    };

    /// <summary>True for what is no message and no map.</summary>
    public static bool IsScalar(ProtoKind kind) => kind < ProtoKind.Message;

    /// <summary>True for numbers, which are packed when they are repeated.</summary>
    public static bool IsNumeric(ProtoKind kind) => kind < ProtoKind.Text;
}
