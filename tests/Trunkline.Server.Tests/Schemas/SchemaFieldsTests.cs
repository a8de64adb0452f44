using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>The fields of schemas, the same for all formats.</summary>
public sealed class SchemaFieldsTests
{
    [Fact]
    public void An_avro_record_has_the_fields_of_its_records_lists_maps_and_unions() => Assert.Equal(
        [
            " object!", "id text!", "lines list!", "lines.* object!", "lines.*.sku text!", "next object or null!", "notes object!", "notes.* integer", "size integer or null!",
        ],
        Lines(SchemaTypes.Avro, """
            {"type":"record","name":"A","fields":[{"name":"id","type":"string"},{"name":"size","type":["null","long"]},
              {"name":"lines","type":{"type":"array","items":{"type":"record","name":"L","fields":[{"name":"sku","type":"string"}]}}},
              {"name":"notes","type":{"type":"map","values":"int"}},{"name":"next","type":["null","A"]}]}
            """));

    [Fact]
    public void A_json_schema_has_the_fields_of_references_and_alternatives_and_tells_what_is_always_there() => Assert.Equal(
        [" object!", "a.b integer", "at object!", "at.city text!", "at.zip text", "kind text!", "lines list", "lines.* object!", "lines.*.sku number", "more text"],
        Lines(SchemaTypes.Json, """
            {"type":"object","required":["kind","at"],"properties":{"kind":{"enum":["x","y"]},"at":{"$ref":"#/definitions/place"},"a.b":{"type":"integer"},
              "lines":{"type":"array","items":{"type":"object","properties":{"sku":{"type":"number"}}}}},
             "anyOf":[{"properties":{"more":{"type":"string"}}},{}],
             "definitions":{"place":{"type":"object","required":["city"],"properties":{"city":{"type":"string"},"zip":{"type":"string"}}}}}
            """).Select(line => line.Replace("\\.", ".", StringComparison.Ordinal)));

    [Fact]
    public void A_protobuf_message_has_the_fields_of_its_messages_lists_and_maps() => Assert.Equal(
        [" object!", "id text", "lines list", "lines.* object!", "lines.*.sku integer!", "next object", "notes object", "notes.* number"],
        Lines(SchemaTypes.Protobuf, """
            syntax = "proto2"; message A { optional string id = 1; repeated L lines = 2; map<string, float> notes = 3; optional A next = 4; message L { required int32 sku = 1; } }
            """).Select(line => line.Replace("integer or number", "number", StringComparison.Ordinal)));

    [Fact]
    public void A_schema_in_a_circle_ends()
    {
        var fields = Read(SchemaTypes.Json, """{"type":"object","properties":{"reply":{"$ref":"#"},"text":{"type":"string"}}}""");
        Assert.Equal(FieldKinds.Text, fields.Find("text")!.Kinds);
        Assert.InRange(fields.All.Count, 3, 10);
    }

    [Fact]
    public void A_named_value_of_a_map_is_one_of_its_values()
    {
        var fields = Read(SchemaTypes.Json, """{"type":"object","properties":{"scores":{"type":"object","additionalProperties":{"type":"number"}}}}""");
        Assert.Equal("number", FieldKindText.Of(fields.Find("scores.spam")!.Kinds));
        Assert.Null(fields.Find("other"));
    }

    private static SchemaFields Read(string type, string text) => SchemaFields.Of(new SchemaContent { Type = type, Text = text }, [])!;

    private static IEnumerable<string> Lines(string type, string text) => Read(type, text).All.Values
        .Select(field => $"{field.Path} {FieldKindText.Of(field.Kinds)}{(field.IsRequired ? "!" : "")}").Order(StringComparer.Ordinal);
}
