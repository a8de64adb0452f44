using Trunkline.Server.Schemas.Protobuf;

namespace Trunkline.Server.Tests.Schemas.Protobuf;

/// <summary>Which file reads what another one wrote: every rule by its name, and a search for verdicts that real bytes contradict.</summary>
public sealed class ProtoDiffTests
{
    private const string Base = "int32 n = 1; string s = 2; E e = 3; N m = 4; repeated int32 l = 5; oneof o { string x = 6; int64 y = 7; } map<string, int32> k = 8;";

    [Theory]
    [InlineData(Base, "", "")]
    [InlineData(Base, Base + " string added = 20;", "")]
    [InlineData("int32 n = 1;", "int32 renamed = 1;", "")]
    [InlineData("int32 n = 1;", "uint64 n = 1;", "")]
    [InlineData("int32 n = 1;", "bool n = 1;", "")]
    [InlineData("int32 n = 1;", "E n = 1;", "")]
    [InlineData("E n = 1;", "int64 n = 1;", "")]
    [InlineData("string n = 1;", "bytes n = 1;", "")]
    [InlineData("sint32 n = 1;", "sint64 n = 1;", "")]
    [InlineData("fixed32 n = 1;", "sfixed32 n = 1;", "")]
    [InlineData("string n = 1;", "repeated string n = 1;", "")]
    [InlineData("N n = 1;", "repeated N n = 1;", "")]
    [InlineData("int32 n = 1;", "optional int32 n = 1;", "")]
    [InlineData("int32 a = 1;", "oneof o { int32 a = 1; string b = 2; }", "")]
    [InlineData("oneof o { int32 a = 1; }", "oneof o { int32 a = 1; string b = 2; }", "")]
    [InlineData("oneof o { int32 a = 1; string b = 2; }", "int32 a = 1; string b = 2;", "")]
    [InlineData("map<string, int32> a = 1;", "map<string, int64> a = 1;", "")]
    [InlineData("int32 n = 1;", "sint32 n = 1;", "FIELD_SCALAR_KIND_CHANGED #/M/1")]
    [InlineData("int32 n = 1;", "fixed32 n = 1;", "FIELD_SCALAR_KIND_CHANGED #/M/1")]
    [InlineData("int32 n = 1;", "string n = 1;", "FIELD_SCALAR_KIND_CHANGED #/M/1")]
    [InlineData("float n = 1;", "fixed32 n = 1;", "FIELD_SCALAR_KIND_CHANGED #/M/1")]
    [InlineData("double n = 1;", "float n = 1;", "FIELD_SCALAR_KIND_CHANGED #/M/1")]
    [InlineData("int32 n = 1;", "N n = 1;", "FIELD_KIND_CHANGED #/M/1")]
    [InlineData("N n = 1;", "bytes n = 1;", "FIELD_KIND_CHANGED #/M/1")]
    [InlineData("map<string, int32> n = 1;", "N n = 1;", "FIELD_KIND_CHANGED #/M/1")]
    [InlineData("map<string, int32> n = 1;", "map<string, string> n = 1;", "FIELD_SCALAR_KIND_CHANGED #/M/1")]
    [InlineData("N n = 1;", "O n = 1;", "FIELD_NAMED_TYPE_CHANGED #/M/1")]
    [InlineData("int32 n = 1;", "repeated int32 n = 1;", "FIELD_NUMERIC_LABEL_CHANGED #/M/1")]
    [InlineData("repeated E n = 1;", "E n = 1;", "FIELD_NUMERIC_LABEL_CHANGED #/M/1")]
    [InlineData("oneof o { int32 a = 1; string b = 2; }", "oneof o { int32 a = 1; }", "ONEOF_FIELD_REMOVED #/M/o/2")]
    [InlineData("int32 a = 1; string b = 2;", "oneof o { int32 a = 1; string b = 2; }", "MULTIPLE_FIELDS_MOVED_TO_ONEOF #/M/o")]
    [InlineData("oneof o { int32 a = 1; } string b = 2;", "oneof o { int32 a = 1; string b = 2; }", "FIELD_MOVED_TO_EXISTING_ONEOF #/M/o")]
    [InlineData("oneof o { int32 a = 1; } oneof p { string b = 2; }", "oneof o { int32 a = 1; string b = 2; }", "FIELD_MOVED_TO_EXISTING_ONEOF #/M/o")]
    [InlineData("int32 n = 1; message Inner { }", "int32 n = 1;", "MESSAGE_REMOVED #/M/Inner")]
    [InlineData("message Inner { int32 a = 1; }", "message Inner { string a = 1; }", "FIELD_SCALAR_KIND_CHANGED #/M/Inner/1")]
    public void A_change_of_a_message_has_its_verdict_and_its_place(string before, string after, string fault)
    {
        Assert.Equal(fault, Check(Proto3(after), Proto3(before)));
        Assert.Equal("", Check(Proto3(after), Proto3(after)));
    }

    [Theory]
    [InlineData("optional int32 a = 1;", "optional int32 a = 1; required int32 b = 2;", "REQUIRED_FIELD_ADDED #/M/2")]
    [InlineData("optional int32 a = 1;", "required int32 a = 1;", "REQUIRED_FIELD_ADDED #/M/1")]
    [InlineData("required int32 a = 1;", "optional int32 a = 1;", "")]
    [InlineData("required int32 a = 1;", "", "REQUIRED_FIELD_REMOVED #/M/1")]
    [InlineData("optional group G = 1 { optional int32 a = 1; }", "optional N g = 1;", "FIELD_KIND_CHANGED #/M/1|MESSAGE_REMOVED #/M/G")]
    public void Required_fields_and_groups_of_proto2_have_their_verdicts(string before, string after, string fault) =>
        Assert.Equal(fault, Check($"syntax=\"proto2\"; message M {{ {after} }} message N {{ }}", $"syntax=\"proto2\"; message M {{ {before} }} message N {{ }}"));

    [Fact]
    public void A_package_or_message_that_is_gone_is_a_break()
    {
        Assert.Equal("PACKAGE_CHANGED #/", Check("""syntax="proto3"; package b; message M { }""", """syntax="proto3"; package a; message M { }"""));
        Assert.Equal("MESSAGE_REMOVED #/N", Check("""syntax="proto3"; message M { }""", """syntax="proto3"; message M { } message N { }"""));
        Assert.Equal("", Check("""syntax="proto3"; message N { } message M { } enum E { X = 0; }""", """syntax="proto3"; message M { } message N { } enum F { Y = 0; Z = 1; }"""));
    }

    [Fact]
    public void A_message_that_moves_between_files_and_packages_is_judged_by_what_it_holds()
    {
        const string Local = """syntax="proto3"; message M { Home h = 1; } message Home { int32 a = 1; }""";
        const string Imported = """syntax="proto3"; import "h.proto"; message M { h.Home h = 1; }""";
        KeyValuePair<string, string>[] same = [new("h.proto", """syntax="proto3"; package h; message Home { int32 a = 1; }""")];
        KeyValuePair<string, string>[] other = [new("h.proto", """syntax="proto3"; package h; message Home { string a = 1; }""")];
        Assert.Equal("MESSAGE_REMOVED #/Home", Check(Imported, Local, same));
        Assert.Equal("", Check(Local, Imported, writerRefers: same));
        Assert.Equal("", Check(Imported, Imported, same, same));
        Assert.Equal("FIELD_NAMED_TYPE_CHANGED #/M/1|FIELD_SCALAR_KIND_CHANGED #/Home/1", Check(Imported, Imported, other, same));
    }

    [Fact]
    public void Messages_that_hold_each_other_are_compared_once() =>
        Assert.Equal("", Check("""syntax="proto3"; message A { B b = 1; } message B { A a = 1; repeated B b = 2; }""", """syntax="proto3"; message A { B b = 1; } message B { A a = 1; }"""));

    [Fact]
    public void What_is_called_compatible_is_really_read_on_ten_thousand_drawn_pairs()
    {
        var random = new Random(20261126);
        var (compatible, written) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var draw = new RandomProtos(random);
            var (writer, reader) = draw.Pair();
            var (then, now) = (ProtobufSchemaTests.Read(writer).File, ProtobufSchemaTests.Read(reader).File);
            Assert.Empty(ProtoDiff.Check(then, then));
            if (ProtoDiff.Check(now, then).Count > 0)
            {
                continue;
            }

            compatible++;
            for (var j = 0; j < 3; j++)
            {
                var bytes = draw.Message(then.MessageTypes[0], 3);
                Assert.Null(ProtoWalk.Check(ProtoShape.Of(then.MessageTypes[0]), bytes));
                Assert.True(ProtoWalk.Check(ProtoShape.Of(now.MessageTypes[0]), bytes) is null, $"{writer}\n{reader}\n{Convert.ToHexString(bytes)}");
                written++;
            }
        }

        Assert.True(compatible > 2_000 && written > 6_000, $"{compatible} compatible pairs, {written} messages: the search looks at too little");
    }

    private static string Proto3(string members) =>
        $"syntax=\"proto3\"; message M {{ {members} }} message N {{ int32 a = 1; }} message O {{ int32 a = 1; }} enum E {{ ZERO = 0; ONE = 1; }}";

    private static string Check(string reader, string writer, KeyValuePair<string, string>[]? readerRefers = null, KeyValuePair<string, string>[]? writerRefers = null)
    {
        var now = ProtobufSchema.Read(reader, readerRefers ?? [], out var faults) ?? throw new InvalidOperationException(string.Join("; ", faults));
        var then = ProtobufSchema.Read(writer, writerRefers ?? [], out faults) ?? throw new InvalidOperationException(string.Join("; ", faults));
        return string.Join('|', ProtoDiff.Check(now.File, then.File).Select(one => $"{one.Kind} {one.At}").Order(StringComparer.Ordinal));
    }
}
