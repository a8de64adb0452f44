using System.Text.Json.Nodes;
using Trunkline.Server.Catalog;

namespace Trunkline.Server.Tests.Catalog;

/// <summary>JSON Schemas as parts of larger documents.</summary>
public sealed class EmbeddedSchemaTests
{
    private static readonly Dictionary<string, string> Others = new() { ["line.json"] = "#/at/line" };

    [Theory]
    [InlineData("""{"$ref":"#"}""", """{"$ref":"#/at/x"}""")]
    [InlineData("""{"$ref":"#/definitions/a~1b","definitions":{"a/b":{}}}""", """{"$ref":"#/at/x/definitions/a~1b","definitions":{"a/b":{}}}""")]
    [InlineData("""{"items":{"$ref":"#a"},"$defs":{"p/q":{"$anchor":"a"}}}""", """{"items":{"$ref":"#/at/x/$defs/p~1q"},"$defs":{"p/q":{}}}""")]
    [InlineData("""{"$id":"https://e.com/s","items":{"$ref":"https://e.com/s#/$defs/a"},"$defs":{"a":{"$id":"part","items":{"$ref":"s"}},"b":{"$ref":"part"}}}""", """{"items":{"$ref":"#/at/x/$defs/a"},"$defs":{"a":{"items":{"$ref":"#/at/x"}},"b":{"$ref":"#/at/x/$defs/a"}}}""")]
    [InlineData("""{"items":{"$ref":"line.json"},"not":{"$ref":"line.json#/definitions/sku"}}""", """{"items":{"$ref":"#/at/line"},"not":{"$ref":"#/at/line/definitions/sku"}}""")]
    [InlineData("""{"$ref":"https://elsewhere.example/x.json"}""", """{"$comment":"refers to https://elsewhere.example/x.json, which is not part of this document"}""")]
    [InlineData("""{"properties":{"$ref":{"type":"string"},"$id":{}},"const":{"$ref":"#"},"examples":[{"$id":"a"}]}""", """{"properties":{"$ref":{"type":"string"},"$id":{}},"const":{"$ref":"#"},"examples":[{"$id":"a"}]}""")]
    public void References_point_to_where_the_schema_stands_and_data_stays_data(string schema, string embedded) =>
        Assert.Equal(embedded, EmbeddedSchema.Of(JsonNode.Parse(schema)!, "#/at/x", Others).ToJsonString().Replace("%24", "$", StringComparison.Ordinal));

    [Theory]
    [InlineData("draft/2020-12", """{"prefixItems":[{}],"items":false,"dependentRequired":{"a":["b"]},"$ref":"#/x"}""", """{"additionalItems":false,"items":[{}],"dependencies":{"a":["b"]},"allOf":[{"$ref":"#/x"}]}""")]
    [InlineData("draft/2019-09", """{"properties":{"a":{"minContains":2,"contains":{}}},"$recursiveAnchor":true}""", """{"properties":{"a":{"contains":{}}},"x-left-out":["minContains"]}""")]
    [InlineData("draft-04", """{"minimum":1,"exclusiveMinimum":true,"maximum":2,"exclusiveMaximum":false}""", """{"maximum":2,"exclusiveMinimum":1}""")]
    [InlineData("draft-07", """{"items":[{}],"additionalItems":false}""", """{"items":[{}],"additionalItems":false}""")]
    public void What_draft_seven_has_no_word_for_is_left_out_and_named(string draft, string schema, string seven)
    {
        var made = JsonNode.Parse(schema)!;
        made["$schema"] = $"https://json-schema.org/{draft}/schema";
        DraftSeven.Make(made);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(seven), made), made.ToJsonString());
    }
}
