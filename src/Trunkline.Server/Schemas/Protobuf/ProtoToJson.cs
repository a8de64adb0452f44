using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Trunkline.Server.Schemas.Protobuf;

/// <summary>
/// Writes Protobuf data as JSON with the names of the .proto file: messages and maps as objects, enums as their names, bytes as Base64, whole numbers as numbers. A field whose absence
/// means its default is written with it. What the type does not know is passed over.
/// </summary>
internal static class ProtoToJson
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2000 };

    /// <summary>The data as JSON; null if it does not fit the type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="data">The data.</param>
    public static byte[]? Convert(MessageDescriptor type, ProtoShape shape, ReadOnlyMemory<byte> data)
    {
        if (ProtoWalk.Check(shape, data.Span) is not null)
        {
            return null;
        }

        try
        {
            using var input = new CodedInputStream(data.ToArray());
            return JsonSerializer.SerializeToUtf8Bytes(Message(type, input), Options);
        }
        catch (InvalidProtocolBufferException)
        {
            // The library is stricter than the walk in how deep a group may lie that nobody knows.
            return null;
        }
    }

    /// <summary>A message up to the end of what is read, or of its group.</summary>
    private static JsonObject Message(MessageDescriptor type, CodedInputStream input)
    {
        var read = new JsonObject();
        while (input.ReadTag() is not 0 and var tag && WireFormat.GetTagWireType(tag) != WireFormat.WireType.EndGroup)
        {
            if (type.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag)) is not { } field)
            {
                input.SkipLastField();
            }
            else if (field.IsMap)
            {
                Entry(Held(read, field, static () => new JsonObject()), field.MessageType, input);
            }
            else if (field.IsRepeated)
            {
                Items(Held(read, field, static () => new JsonArray()), field, WireFormat.GetTagWireType(tag), input);
            }
            else
            {
                read[field.Name] = Value(field, input);
            }
        }

        foreach (var field in type.Fields.InFieldNumberOrder().Where(field => !field.HasPresence && !read.ContainsKey(field.Name)))
        {
            read[field.Name] = field.IsMap ? new JsonObject() : field.IsRepeated ? new JsonArray() : Default(field);
        }

        return read;
    }

    private static T Held<T>(JsonObject read, FieldDescriptor field, Func<T> make)
        where T : JsonNode
    {
        if (read[field.Name] is T known)
        {
            return known;
        }

        var made = make();
        read[field.Name] = made;
        return made;
    }

    private static void Entry(JsonObject map, MessageDescriptor type, CodedInputStream input)
    {
        var entry = Within(type, input);
        map[entry["key"]?.ToString() ?? ""] = entry["value"] is { } value ? value.DeepClone() : new JsonObject();
    }

    private static void Items(JsonArray items, FieldDescriptor field, WireFormat.WireType wire, CodedInputStream input)
    {
        if (wire != WireFormat.WireType.LengthDelimited || !ProtoKinds.IsNumeric(ProtoKinds.Of(field)))
        {
            items.Add(Value(field, input));
            return;
        }

        // Packed: the numbers stand behind each other in what is read as bytes.
        using var packed = new CodedInputStream(input.ReadBytes().ToByteArray());
        while (!packed.IsAtEnd)
        {
            items.Add(Value(field, packed));
        }
    }

    private static JsonObject Within(MessageDescriptor type, CodedInputStream input)
    {
        using var inner = new CodedInputStream(input.ReadBytes().ToByteArray());
        return Message(type, inner);
    }

    private static JsonNode? Value(FieldDescriptor field, CodedInputStream input) => field.FieldType switch
    {
        FieldType.Bool => input.ReadBool(),
        FieldType.Int32 => input.ReadInt32(),
        FieldType.Int64 => input.ReadInt64(),
        FieldType.UInt32 => input.ReadUInt32(),
        FieldType.UInt64 => input.ReadUInt64(),
        FieldType.SInt32 => input.ReadSInt32(),
        FieldType.SInt64 => input.ReadSInt64(),
        FieldType.Fixed32 => input.ReadFixed32(),
        FieldType.Fixed64 => input.ReadFixed64(),
        FieldType.SFixed32 => input.ReadSFixed32(),
        FieldType.SFixed64 => input.ReadSFixed64(),
        FieldType.Float => Number(input.ReadFloat()),
        FieldType.Double => Number(input.ReadDouble()),
        FieldType.Enum => Name(field.EnumType, input.ReadEnum()),
        FieldType.Bytes => System.Convert.ToBase64String(input.ReadBytes().Span),
        FieldType.Message => Within(field.MessageType, input),
        FieldType.Group => Message(field.MessageType, input),
        _ => input.ReadString(),
    };

    private static JsonNode Default(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Bool => false,
        FieldType.String or FieldType.Bytes => "",
        FieldType.Enum => Name(field.EnumType, 0),
        _ => 0,
    };

    /// <summary>The name of an enum's value; one the schema does not know has its number.</summary>
    private static string Name(EnumDescriptor type, int number) => type.FindValueByNumber(number)?.Name ?? number.ToString(CultureInfo.InvariantCulture);

    /// <summary>JSON has no word for what is no number.</summary>
    private static JsonValue Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));
}
