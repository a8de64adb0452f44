using System.Diagnostics;
using Google.Protobuf.Reflection;
using Trunkline.Server.Schemas.Protobuf;

namespace Trunkline.Server.Tests.Schemas.Protobuf;

/// <summary>.proto files: reading, the one form they are kept in, the compiled form, imports, and what is refused.</summary>
public sealed class ProtobufSchemaTests
{
    [Fact]
    public void A_file_is_kept_in_the_form_of_confluents_registry()
    {
        const string Written = """
            // A comment.
            syntax = "proto3"; package mail.v1;
            import "google/protobuf/timestamp.proto";
            option java_package = 'a\x41';
            option (confluent.file_meta).doc = "x";
            enum Kind { NONE = 0; SPAM = 1 [deprecated=true]; }
            message Mail { reserved 5, 7 to 9; reserved "old";
              string id = 1; optional int32 size = 2 [json_name = "bytes", deprecated = true];
              oneof body { string text = 3; bytes raw = 4; }
              map<string, Kind> kinds = 6; /* another */
              repeated Part parts = 10 [(meta) = { doc: "a", tags: [ 'x', "y" ] inner { n: -1 } }];
              google.protobuf.Timestamp at = 11;
              message Part { string name = 1; }
            }
            service Inbox { rpc Read (stream Mail) returns (Mail); }
            """;
        const string Kept = """
            syntax = "proto3";
            package mail.v1;

            import "google/protobuf/timestamp.proto";

            option java_package = "aA";
            option (confluent.file_meta).doc = "x";

            message Mail {
              reserved 5, 7 to 9;
              reserved "old";

              string id = 1;
              optional int32 size = 2 [
                deprecated = true,
                json_name = "bytes"
              ];
              map<string, Kind> kinds = 6;
              repeated Part parts = 10 [(meta) = {
                doc: "a",
                tags: [
                  "x",
                  "y"
                ],
                inner: {
                  n: -1
                }
              }];
              google.protobuf.Timestamp at = 11;

              oneof body {
                string text = 3;
                bytes raw = 4;
              }

              message Part {
                string name = 1;
              }
            }
            enum Kind {
              NONE = 0;
              SPAM = 1 [deprecated = true];
            }

            service Inbox {
              rpc Read (stream Mail) returns (Mail);
            }

            """;
        var schema = Read(Written);
        Assert.Equal(Kept, schema.Text(normalize: false));
        Assert.Equal(Kept, Read(Kept).Text(normalize: false));
    }

    [Fact]
    public void Normalising_sorts_what_has_no_order_and_names_types_in_full()
    {
        var one = Read("""syntax="proto3"; package p; import "google/protobuf/any.proto"; import "confluent/meta.proto"; message M { E b = 2; p.M a = 1; } enum E { Y = 0; X = 1; }""");
        var other = Read("""syntax="proto3"; package p; import "confluent/meta.proto"; import "google/protobuf/any.proto"; message M { .p.M a = 1; p.E b = 2; } enum E { Y = 0; X = 1; }""");
        Assert.NotEqual(one.Text(normalize: false), other.Text(normalize: false));
        Assert.Equal(one.Text(normalize: true), other.Text(normalize: true));
        Assert.Contains(".p.E b = 2", one.Text(normalize: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_file_of_confluents_tests_is_read_and_its_two_forms_are_one()
    {
        var folder = Path.Combine(Vectors.Folder("confluent-apache2"), "proto");
        var files = Directory.GetFiles(folder, "*.proto").ToDictionary(path => Path.GetFileName(path), File.ReadAllText);
        Assert.NotEmpty(files);
        foreach (var (name, text) in files)
        {
            var references = files.SelectMany(file => new[] { "", "io/confluent/kafka/serializers/protobuf/test/", "test/" }.Select(at => KeyValuePair.Create(at + file.Key, file.Value))).ToList();
            var schema = ProtobufSchema.Read(text, references, out var faults);
            Assert.True(schema is not null, $"{name}: {string.Join("; ", faults)}");
            var printed = schema.Text(normalize: false);
            Assert.Equal(printed, ProtobufSchema.Read(printed, references, out _)!.Text(normalize: false));
            var compiled = ProtobufSchema.Read(Convert.ToBase64String(schema.Serialized()), references, out var wrong);
            Assert.True(compiled is not null, $"{name}: {string.Join("; ", wrong)}");
            Assert.Equal(schema.File.MessageTypes.Select(type => type.FullName), compiled.File.MessageTypes.Select(type => type.FullName));
        }
    }

    [Fact]
    public void The_compiled_form_is_one_any_protobuf_library_reads()
    {
        var schema = Read("""syntax="proto3"; package p; message M { optional int32 a = 1; map<string, N> m = 2; repeated E e = 3; message N { M back = 1; } } enum E { X = 0; }""");
        var file = FileDescriptorProto.Parser.ParseFrom(schema.Serialized());
        var linked = FileDescriptor.BuildFromByteStrings([Google.Protobuf.ByteString.CopyFrom(schema.Serialized())])[0];
        Assert.Equal((".p.M.MEntry", ".p.E"), (file.MessageType[0].Field[1].TypeName, file.MessageType[0].Field[2].TypeName));
        Assert.True(linked.MessageTypes[0].FindFieldByNumber(2).IsMap);
        Assert.True(linked.MessageTypes[0].FindFieldByNumber(1).HasPresence);
        Assert.Equal(schema.Text(normalize: true), ProtobufSchema.Read(Convert.ToBase64String(schema.Serialized()), [], out _)!.Text(normalize: true));
    }

    [Fact]
    public void Imports_are_references_or_what_everybody_may_import_and_nothing_is_fetched()
    {
        KeyValuePair<string, string>[] references = [new("a.proto", """syntax="proto3"; package a; message A { }"""), new("b.proto", """syntax="proto3"; import public "a.proto";""")];
        Assert.NotNull(ProtobufSchema.Read("""syntax="proto3"; import "b.proto"; import "google/type/money.proto"; message M { a.A a = 1; google.type.Money m = 2; }""", references, out _));
        foreach (var name in new[] { "c.proto", "/etc/passwd", "../x.proto", "http://127.0.0.1/x.proto" })
        {
            Assert.Contains("not there", Faults($"syntax=\"proto3\"; import \"{name}\";"), StringComparison.Ordinal);
        }

        KeyValuePair<string, string>[] circle = [new("a.proto", """syntax="proto3"; import "b.proto";"""), new("b.proto", """syntax="proto3"; import "a.proto";""")];
        Assert.Null(ProtobufSchema.Read("""syntax="proto3"; import "a.proto";""", circle, out var faults));
        Assert.Contains("lead back", faults[0].Message, StringComparison.Ordinal);
        KeyValuePair<string, string>[] two = [new("a.proto", """syntax="proto3";"""), new("a.proto", """syntax="proto2";""")];
        Assert.Null(ProtobufSchema.Read("""syntax="proto3"; import "a.proto";""", two, out _));
    }

    [Theory]
    [InlineData("""syntax="proto3"; message M { int32 a = 19000; }""", "19000")]
    [InlineData("""syntax="proto3"; message M { int32 a = 0; }""", "number")]
    [InlineData("""syntax="proto3"; message M { int32 a = 536870912; }""", "number")]
    [InlineData("""syntax="proto3"; message M { int32 a = 1; int32 b = 1; }""", "'a' and 'b'")]
    [InlineData("""syntax="proto3"; message M { int32 a = 1; string a = 2; }""", "'a'")]
    [InlineData("""syntax="proto3"; message M { int32 a_b = 1; string aB = 2; }""", "JSON")]
    [InlineData("""syntax="proto3"; message M { reserved 1; int32 a = 1; }""", "reserved")]
    [InlineData("""syntax="proto3"; message M { reserved "a"; int32 a = 1; }""", "reserved")]
    [InlineData("""syntax="proto3"; message M { reserved 1 to 5, 3; }""", "overlap")]
    [InlineData("""syntax="proto3"; message M { reserved 5 to 1; }""", "range")]
    [InlineData("""syntax="proto3"; message M { required int32 a = 1; }""", "proto3")]
    [InlineData("""syntax="proto3"; message M { int32 a = 1 [default = 2]; }""", "proto3")]
    [InlineData("""syntax="proto3"; message M { extensions 4 to 5; }""", "extensions")]
    [InlineData("""syntax="proto3"; message M { oneof x { } }""", "no fields")]
    [InlineData("""syntax="proto3"; message M { oneof x { repeated int32 a = 1; } }""", "label")]
    [InlineData("""syntax="proto3"; message M { map<float, int32> a = 1; }""", "key of a map")]
    [InlineData("""syntax="proto3"; message M { } message M { }""", "'M'")]
    [InlineData("""syntax="proto3"; enum A { X = 0; } enum B { X = 0; }""", "scope")]
    [InlineData("""syntax="proto3"; enum A { X = 1; }""", "first value")]
    [InlineData("""syntax="proto3"; enum A { }""", "at least one")]
    [InlineData("""syntax="proto3"; enum A { X = 0; Y = 0; }""", "allow_alias")]
    [InlineData("""syntax="proto3"; enum A { option allow_alias = true; X = 0; Y = 1; }""", "allow_alias")]
    [InlineData("""syntax="proto3"; package a; package b;""", "one package")]
    [InlineData("""syntax="proto3"; import "default"; import "default";""", "twice")]
    [InlineData("""syntax="proto2"; message M { int32 a = 1; }""", "optional, required or repeated")]
    [InlineData("""syntax="proto2"; message M { extensions 1 to 5; extensions 3; }""", "overlap")]
    [InlineData("""syntax="proto2"; message M { extensions 1 to 5; optional int32 a = 2; }""", "extensions")]
    [InlineData("""syntax="proto2"; message M { extensions 1 to 5; } extend M { optional int32 a = 9; }""", "not open")]
    [InlineData("""syntax="proto3"; message M { Nothing a = 1; }""", "Nothing")]
    [InlineData("""syntax="proto3"; message M { int32 a = 1 [nonsense = 2]; }""", "nonsense")]
    [InlineData("""syntax="proto4";""", "proto2")]
    [InlineData("""syntax="proto3"; message M { string a = 1""", "file ends")]
    [InlineData("""syntax="proto3"; message M { string a = 99999999999; }""", "32 bits")]
    [InlineData("""syntax="proto3"; option java_package = "a""", "not closed")]
    [InlineData("""syntax="proto3"; /* a""", "not closed")]
    [InlineData("""syntax="proto3"; § """, "U+00A7")]
    [InlineData("""{"type":"string"}""", "expected")]
    [InlineData("c3ludGF4", "neither")]
    public void What_protoc_refuses_is_refused_with_the_reason(string text, string why) => Assert.Contains(why, Faults(text), StringComparison.Ordinal);

    [Fact]
    public void A_fault_of_syntax_says_line_and_column()
    {
        Assert.Null(ProtobufSchema.Read("syntax = \"proto3\";\n\nmessage M {\n  string = 1;\n}", [], out var faults));
        Assert.Equal("line 4, column 10", faults[0].At);
    }

    [Fact]
    public void Files_that_are_too_deep_too_long_or_senseless_are_refused_in_time()
    {
        var watch = Stopwatch.StartNew();
        Assert.Contains("nested", Faults("syntax=\"proto3\";" + string.Concat(Enumerable.Repeat("message M{", 100_000))), StringComparison.Ordinal);
        Assert.Contains("nested", Faults("syntax=\"proto3\"; option (a) = " + string.Concat(Enumerable.Repeat("{a:", 100_000))), StringComparison.Ordinal);
        Assert.Contains("nested", Faults("syntax=\"proto3\"; option (a) = {a:" + new string('[', 100_000)), StringComparison.Ordinal);
        Assert.Contains("characters", Faults("//" + new string('a', 10_000_000)), StringComparison.Ordinal);
        var deep = new byte[300_000];
        for (var i = 0; i < deep.Length; i += 3)
        {
            (deep[i], deep[i + 1], deep[i + 2]) = (0x1A, 0xFF, 0x7F);
        }

        Assert.NotEmpty(Faults(Convert.ToBase64String(deep)));
        Assert.NotEmpty(Faults(""));
        Assert.NotEmpty(Faults("\0\0\0\0"));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{watch.Elapsed}");
    }

    internal static ProtobufSchema Read(string text)
    {
        var schema = ProtobufSchema.Read(text, [], out var faults);
        Assert.True(schema is not null, string.Join("; ", faults));
        return schema;
    }

    private static string Faults(string text)
    {
        Assert.Null(ProtobufSchema.Read(text, [], out var faults));
        return string.Join("; ", faults);
    }
}
