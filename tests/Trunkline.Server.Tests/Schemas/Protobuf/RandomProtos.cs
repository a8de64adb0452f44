using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Trunkline.Server.Schemas.Protobuf;

namespace Trunkline.Server.Tests.Schemas.Protobuf;

/// <summary>Draws pairs of .proto files that differ a little, and messages of a type, written by Protobuf's own library.</summary>
internal sealed class RandomProtos(Random random)
{
    private static readonly string[] s_types =
        ["int32", "int64", "uint32", "uint64", "bool", "E", "sint32", "sint64", "fixed32", "sfixed32", "fixed64", "sfixed64", "float", "double", "string", "bytes", "N", "O"];

    /// <summary>A writer's file and a reader's, made of it by some changes.</summary>
    public (string Writer, string Reader) Pair()
    {
        var fields = Enumerable.Range(1, random.Next(1, 6)).Select(number => Field(number)).ToList();
        var changed = fields.ToList();
        for (var i = random.Next(3); i > 0; i--)
        {
            var at = random.Next(changed.Count);
            changed[at] = Field(at + 1);
        }

        if (random.Next(4) == 0)
        {
            changed.RemoveAt(random.Next(changed.Count));
        }

        if (random.Next(3) == 0)
        {
            changed.Add(Field(9));
        }

        return (File(fields), File(changed));
    }

    /// <summary>A message of a type.</summary>
    public byte[] Message(MessageDescriptor type, int depth)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            foreach (var field in type.Fields.InFieldNumberOrder())
            {
                for (var i = field.IsRepeated ? random.Next(3) : random.Next(2); i > 0; i--)
                {
                    Write(output, field, depth);
                }
            }
        }

        return buffer.ToArray();
    }

    private string Field(int number)
    {
        var type = s_types[random.Next(s_types.Length)];
        var label = random.Next(6) switch
        {
            0 => "repeated ",
            1 => "optional ",
            _ => "",
        };
        return random.Next(8) == 0
            ? string.Create(CultureInfo.InvariantCulture, $"map<{(random.Next(2) == 0 ? "string" : "sint64")}, {type}> f{number} = {number};")
            : string.Create(CultureInfo.InvariantCulture, $"{label}{type} f{number} = {number};");
    }

    private string File(List<string> fields)
    {
        // A oneof around the first fields that may stand in one.
        var members = new StringBuilder();
        var inside = random.Next(3) == 0 ? fields.TakeWhile(one => !one.Contains('<', StringComparison.Ordinal) && !one.StartsWith("repeated", StringComparison.Ordinal)).Take(2).ToList() : [];
        if (inside.Count > 0)
        {
            members.Append("oneof o { ").AppendJoin(' ', inside.Select(one => one.Replace("optional ", "", StringComparison.Ordinal))).Append(" }");
        }

        members.AppendJoin(' ', fields.Skip(inside.Count));
        return $"syntax=\"proto3\"; message M {{ {members} }} message N {{ int32 a = 1; repeated N n = 2; }} message O {{ string a = 1; }} enum E {{ ZERO = 0; ONE = 1; }}";
    }

    private void Write(CodedOutputStream output, FieldDescriptor field, int depth)
    {
        if (field.IsRepeated && ProtoKinds.IsNumeric(ProtoKinds.Of(field)) && random.Next(2) == 0)
        {
            using var items = new MemoryStream();
            using (var inner = new CodedOutputStream(items, leaveOpen: true))
            {
                Value(inner, field, depth);
                Value(inner, field, depth);
            }

            output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(items.ToArray()));
            return;
        }

        output.WriteTag(field.FieldNumber, field.FieldType switch
        {
            FieldType.Fixed32 or FieldType.SFixed32 or FieldType.Float => WireFormat.WireType.Fixed32,
            FieldType.Fixed64 or FieldType.SFixed64 or FieldType.Double => WireFormat.WireType.Fixed64,
            FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
            _ => WireFormat.WireType.Varint,
        });
        Value(output, field, depth);
    }

    private void Value(CodedOutputStream output, FieldDescriptor field, int depth)
    {
        switch (field.FieldType)
        {
            case FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64:
                output.WriteFixed64((ulong)random.NextInt64());
                break;
            case FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32:
                output.WriteFixed32((uint)random.Next());
                break;
            case FieldType.String or FieldType.Bytes:
                // bytes that become a string are text by Confluent's rules, so only text is written.
                output.WriteString(random.Next(2) == 0 ? "" : "é€😀");
                break;
            case FieldType.Message:
                output.WriteBytes(ByteString.CopyFrom(depth == 0 ? [] : Message(field.MessageType, depth - 1)));
                break;
            default:
                output.WriteUInt64(random.Next(3) == 0 ? ulong.MaxValue : (ulong)random.Next(300));
                break;
        }
    }
}
