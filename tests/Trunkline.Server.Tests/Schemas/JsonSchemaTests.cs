using System.Text;
using Trunkline.Server.Schemas;
using Trunkline.Server.Schemas.Json;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>What faults say, and what hostile schemas and documents cannot do.</summary>
public sealed class JsonSchemaTests
{
    [Fact]
    public void Every_fault_is_told_with_its_place_and_keyword()
    {
        var schema = Read("""
            {"type":"object","required":["id","name"],"properties":{"id":{"type":"integer","minimum":1},
             "lines":{"type":"array","items":{"$ref":"#/$defs/line"}}},"additionalProperties":false,
             "$defs":{"line":{"type":"object","properties":{"a/b":{"maxLength":2}}}}}
            """);
        var faults = Check(schema, """{"id":0,"lines":[{"a/b":"ab"},{"a/b":"äöü"},7],"more":1}""");
        Assert.Equal(
            ["/id minimum /properties/id/minimum", "/lines/1/a~1b maxLength /$defs/line/properties/a~1b/maxLength", "/lines/2 type /$defs/line/type",
             "/more  /additionalProperties", " required /required"],
            faults.Select(fault => $"{fault.At} {fault.Keyword} {fault.SchemaAt}"));
        Assert.Contains("'name'", faults[^1].Message, StringComparison.Ordinal);
        Assert.Single(Check(schema, "7"));
    }

    [Fact]
    public void Faults_of_alternatives_are_those_of_the_nearest_one()
    {
        var schema = Read("""{"anyOf":[{"type":"null"},{"type":"object","required":["a"],"properties":{"b":{"type":"string"}}},{"required":["c","d","e"],"type":"object"}]}""");
        Assert.Equal(["anyOf", "type"], Check(schema, """{"a":1,"b":1}""").Select(fault => fault.Keyword));
    }

    [Theory]
    [InlineData("""{"minimum":9007199254740993}""", "9007199254740993", "9007199254740992")]
    [InlineData("""{"maximum":123456789012345678901234567890.5}""", "123456789012345678901234567890.5", "123456789012345678901234567890.51")]
    [InlineData("""{"multipleOf":0.0001}""", "1e1000000000", "0.00015")]
    [InlineData("""{"const":1e400}""", "10e399", "1e401")]
    [InlineData("""{"type":"integer"}""", "123456789012345678901234567890", "123456789012345678901234567890.5")]
    [InlineData("""{"multipleOf":7}""", "70000000000000000000000000000000000007", "70000000000000000000000000000000000008")]
    public void Numbers_are_exact_whatever_their_size(string schema, string fits, string doesNot)
    {
        Assert.Empty(Check(Read(schema), fits));
        Assert.NotEmpty(Check(Read(schema), doesNot));
    }

    [Fact]
    public void A_name_that_is_there_twice_is_checked_twice()
    {
        var schema = Read("""{"properties":{"a":{"type":"integer"}},"required":["a","b"]}""");
        Assert.Equal(["type", "required"], Check(schema, """{"a":"x","a":1}""").Select(fault => fault.Keyword));
    }

    [Theory]
    [InlineData("""{"$ref":"http://example.com/other.json"}""", "$ref")]
    [InlineData("""{"$ref":"file:///etc/passwd"}""", "$ref")]
    [InlineData("""{"$ref":"#/nowhere"}""", "$ref")]
    [InlineData("""{"$schema":"http://example.com/dialect"}""", "$schema")]
    [InlineData("""{"type":"strin"}""", "anyOf")]
    [InlineData("""{"minLength":-1}""", "minimum")]
    [InlineData("""{"pattern":"(a"}""", "pattern")]
    [InlineData("""{"pattern":"(?>a)"}""", "pattern")]
    [InlineData("""{"properties":{"a":{},"a":{}},"type":"object","type":"array"}""", "type")]
    [InlineData("""[]""", "type")]
    [InlineData("""{"type":""", "")]
    public void A_faulty_schema_is_refused_with_the_place(string schema, string keyword)
    {
        Assert.Null(JsonSchema.Read(Encoding.UTF8.GetBytes(schema), new JsonSchemaOptions(), out var faults));
        Assert.Contains(faults, fault => fault.Keyword == keyword);
    }

    [Fact]
    public void Registered_references_are_found_by_relative_name_and_by_their_own_address()
    {
        var options = new JsonSchemaOptions
        {
            References = new Dictionary<string, ReadOnlyMemory<byte>>
            {
                ["address.json"] = Encoding.UTF8.GetBytes("""{"type":"string"}"""),
                ["other.json"] = Encoding.UTF8.GetBytes("""{"$id":"https://example.com/number","type":"integer"}"""),
            },
        };
        var schema = JsonSchema.Read(
            Encoding.UTF8.GetBytes("""{"$id":"https://example.com/orders/order.json","properties":{"a":{"$ref":"address.json"},"b":{"$ref":"/number"}}}"""), options, out var faults);
        Assert.Empty(faults);
        Assert.Equal(["/a", "/b"], Check(schema!, """{"a":1,"b":"x"}""").Select(fault => fault.At));
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""", "1")]
    [InlineData("""{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"}""", "{}")]
    public void A_schema_that_only_refers_to_itself_ends(string schema, string document) => Assert.NotEmpty(Check(Read(schema), document));

    [Fact]
    public void A_schema_that_doubles_its_work_at_each_level_is_given_up()
    {
        var parts = Enumerable.Range(0, 60).Select(i =>
        {
            var next = $"{{\"$ref\":\"#/$defs/d{i + 1}\"}}";
            return $"\"d{i}\":{{\"not\":{{\"allOf\":[{{\"not\":{next}}},{next}]}},\"allOf\":[{next},{next}]}}";
        });
        var schema = Read("{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + string.Join(',', parts) + ",\"d60\":{}}}");
        Assert.Contains("too many steps", Assert.Single(Check(schema, "{}")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(?=(a+)+$)x")]
    [InlineData(@"^(a+)+\1$")]
    public void A_hostile_pattern_ends(string pattern)
    {
        var schema = Read("{\"items\":{\"pattern\":\"" + pattern.Replace(@"\", @"\\", StringComparison.Ordinal) + "\"}}");
        var hostile = $"\"{new string('a', 5000)}!\"";
        Assert.NotEmpty(Check(schema, $"[{string.Join(',', Enumerable.Repeat(hostile, 1000))}]"));
    }

    [Fact]
    public void Depth_has_a_bound_in_schemas_and_documents()
    {
        var deep = Read("""{"items":{"$ref":"#"},"additionalProperties":{"$ref":"#"}}""");
        Assert.Empty(Check(deep, Nested(1000)));
        Assert.Contains("1000 levels", Assert.Single(Check(deep, Nested(1001))).Message, StringComparison.Ordinal);
        var schema = string.Concat(Enumerable.Repeat("""{"items":""", 999)) + "{}" + new string('}', 999);
        Assert.Empty(Check(Read(schema), Nested(1000)));
        Assert.Null(JsonSchema.Read(Encoding.UTF8.GetBytes("""{"items":""" + schema + "}"), new JsonSchemaOptions(), out _));
    }

    [Fact]
    public void Size_has_a_bound_and_a_large_schema_is_read()
    {
        var properties = Enumerable.Range(0, 100_000).Select(i => $"\"property-number-{i}\":{{\"type\":\"string\",\"maxLength\":{i}}}");
        var text = "{\"properties\":{" + string.Join(',', properties) + "}}";
        Assert.Equal("/property-number-7", Assert.Single(Check(Read(text), """{"property-number-7":"12345678"}""")).At);
        Assert.Null(JsonSchema.Read(new byte[JsonSchemaOptions.SizeMax + 1], new JsonSchemaOptions(), out var faults));
        Assert.Contains("10000000 bytes", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_items_and_faults_stay_bounded()
    {
        var items = string.Join(',', Enumerable.Range(0, 50_000));
        Assert.Empty(Check(Read("""{"uniqueItems":true}"""), $"[{items}]"));
        Assert.Equal("/50000", Assert.Single(Check(Read("""{"uniqueItems":true}"""), $"[{items},7.0]")).At);
        Assert.Equal(JsonSchema.FaultsMax, Check(Read("""{"items":{"type":"string"}}"""), $"[{items}]").Count);
    }

    [Theory]
    [InlineData("\"\\ud83d\\ude00\"")]
    [InlineData("\"😀\"")]
    public void A_character_is_one_however_it_is_written(string document)
    {
        Assert.Empty(Check(Read("""{"maxLength":1,"minLength":1,"enum":["😀"]}"""), document));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_do_not_fit() => Assert.Contains("UTF-8", Read("{}").Check(new byte[] { (byte)'"', 0xff, (byte)'"' })[0].Message, StringComparison.Ordinal);

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static JsonSchema Read(string schema)
    {
        var read = JsonSchema.Read(Encoding.UTF8.GetBytes(schema), new JsonSchemaOptions(), out var faults);
        Assert.Empty(faults);
        return read!;
    }

    private static IReadOnlyList<SchemaFault> Check(JsonSchema schema, string document) => schema.Check(Encoding.UTF8.GetBytes(document));
}
