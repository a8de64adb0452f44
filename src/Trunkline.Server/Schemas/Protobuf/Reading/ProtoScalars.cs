using System.Collections.Frozen;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>The types of Protobuf that have words.</summary>
internal static class ProtoScalars
{
    /// <summary>Each with its word.</summary>
    public static FrozenDictionary<Type, string> Names { get; } = new Dictionary<Type, string>
    {
        [Type.Double] = "double",
        [Type.Float] = "float",
        [Type.Int64] = "int64",
        [Type.Uint64] = "uint64",
        [Type.Int32] = "int32",
        [Type.Fixed64] = "fixed64",
        [Type.Fixed32] = "fixed32",
        [Type.Bool] = "bool",
        [Type.String] = "string",
        [Type.Bytes] = "bytes",
        [Type.Uint32] = "uint32",
        [Type.Sfixed32] = "sfixed32",
        [Type.Sfixed64] = "sfixed64",
        [Type.Sint32] = "sint32",
        [Type.Sint64] = "sint64",
    }.ToFrozenDictionary();
}
