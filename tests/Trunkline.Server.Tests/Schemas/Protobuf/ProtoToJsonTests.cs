using System.Text;
using Trunkline.Server.Schemas.Protobuf;

namespace Trunkline.Server.Tests.Schemas.Protobuf;

/// <summary>Protobuf data as JSON with the names of its file.</summary>
public sealed class ProtoToJsonTests
{
    private static readonly ProtobufSchema s_schema = ProtobufSchemaTests.Read(
        """
        syntax = "proto3";
        message All {
          string text = 1; int64 whole = 2; sint32 zigzag = 3; double real = 4; bool yes = 5; bytes raw = 6; Kind kind = 7;
          repeated int32 packed = 8; repeated string texts = 9; map<string, int32> counts = 10; All inner = 11; optional string note = 12; fixed32 four = 13;
        }
        enum Kind { NONE = 0; MAIL = 1; }
        """);

    private static readonly ProtobufSchema s_groups = ProtobufSchemaTests.Read(
        """syntax = "proto2"; message Old { required string id = 1; optional group G = 2 { optional bool b = 1; } optional int32 n = 3; }""");

    [Theory]
    [InlineData("", """{"text":"","whole":0,"zigzag":0,"real":0,"yes":false,"raw":"","kind":"NONE","packed":[],"texts":[],"counts":{},"four":0}""")]
    [InlineData(
        "0A0161 10FFFFFFFFFFFFFFFFFF01 1803 21000000000000F83F 2801 3202FFFE 3801 4202017F 4A0162 4A0163 52050A01781005 52020A00 5A00 6200 6D01000000",
        """{"text":"a","whole":-1,"zigzag":-2,"real":1.5,"yes":true,"raw":"//4=","kind":"MAIL","packed":[1,127],"texts":["b","c"],"counts":{"x":5,"":0},"inner":{"text":"","whole":0,"zigzag":0,"real":0,"yes":false,"raw":"","kind":"NONE","packed":[],"texts":[],"counts":{},"four":0},"note":"","four":1}""")]
    [InlineData("3807", """{"kind":"7","text":"","whole":0,"zigzag":0,"real":0,"yes":false,"raw":"","packed":[],"texts":[],"counts":{},"four":0}""")]
    [InlineData("21000000000000F87F", """{"real":"NaN","text":"","whole":0,"zigzag":0,"yes":false,"raw":"","kind":"NONE","packed":[],"texts":[],"counts":{},"four":0}""")]
    [InlineData("4001 4002 F83F01", """{"packed":[1,2],"text":"","whole":0,"zigzag":0,"real":0,"yes":false,"raw":"","kind":"NONE","texts":[],"counts":{},"four":0}""")]
    public void Data_is_written_with_names_and_defaults(string hex, string json) => Assert.Equal(json, Convert(s_schema, hex));

    [Fact]
    public void Groups_are_objects_and_what_has_presence_is_there_only_if_it_came() => Assert.Equal("""{"id":"a","g":{"b":true},"n":1}""", Convert(s_groups, "0A0161 13 0801 14 1801"));

    [Theory]
    [InlineData("0A0261")]
    [InlineData("0A01FF")]
    public void What_does_not_fit_is_not_written(string hex) => Assert.Null(Convert(s_schema, hex));

    private static string? Convert(ProtobufSchema schema, string hex)
    {
        var type = schema.File.MessageTypes[0];
        return ProtoToJson.Convert(type, ProtoShape.Of(type), System.Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))) is { } json ? Encoding.UTF8.GetString(json) : null;
    }
}
