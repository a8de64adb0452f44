using Trunkline.Server.Schemas;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Json.Compatibility;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Which changes of a JSON Schema let a reader read what was written before, rule by rule.</summary>
public sealed class JsonSchemaDiffTests
{
    private const string Closed = "\"additionalProperties\":false";

    /// <summary>What the writer says, what the reader says, and the rule that refuses it; null if it is compatible.</summary>
    [Theory]
    [InlineData("""{"type":"string"}""", """{"type":"string","title":"x","description":"y","default":"z"}""", null)]
    [InlineData("""{"type":"string"}""", "{}", null)]
    [InlineData("""{"type":"string"}""", "true", null)]
    [InlineData("{}", """{"type":"string"}""", "TYPE_NARROWED")]
    [InlineData("""{"type":"string"}""", """{"type":"integer"}""", "TYPE_CHANGED")]
    [InlineData("""{"type":"integer"}""", """{"type":"number"}""", null)]
    [InlineData("""{"type":"number"}""", """{"type":"integer"}""", "TYPE_NARROWED")]
    [InlineData("""{"type":"string"}""", """{"type":["string","null"]}""", null)]
    [InlineData("""{"type":["string","null"]}""", """{"type":"string"}""", "TYPE_NARROWED")]
    [InlineData("""{"type":"string"}""", """{"type":"string","maxLength":9}""", "MAX_LENGTH_ADDED")]
    [InlineData("""{"type":"string","maxLength":9}""", """{"type":"string","maxLength":8}""", "MAX_LENGTH_DECREASED")]
    [InlineData("""{"type":"string","maxLength":9}""", """{"type":"string","maxLength":10}""", null)]
    [InlineData("""{"type":"string","maxLength":9}""", """{"type":"string"}""", null)]
    [InlineData("""{"type":"string"}""", """{"type":"string","minLength":1}""", "MIN_LENGTH_ADDED")]
    [InlineData("""{"type":"string","minLength":1}""", """{"type":"string","minLength":2}""", "MIN_LENGTH_INCREASED")]
    [InlineData("""{"type":"string","minLength":2}""", """{"type":"string","minLength":1}""", null)]
    [InlineData("""{"type":"string"}""", """{"type":"string","pattern":"^a"}""", "PATTERN_ADDED")]
    [InlineData("""{"type":"string","pattern":"^b"}""", """{"type":"string","pattern":"^a"}""", "PATTERN_CHANGED")]
    [InlineData("""{"type":"string","pattern":"^b"}""", """{"type":"string"}""", null)]
    [InlineData("""{"type":"number"}""", """{"type":"number","minimum":1}""", "MINIMUM_ADDED")]
    [InlineData("""{"type":"number","minimum":1}""", """{"type":"number","minimum":2}""", "MINIMUM_INCREASED")]
    [InlineData("""{"type":"number","minimum":2}""", """{"type":"number","minimum":1}""", null)]
    [InlineData("""{"type":"number","minimum":1}""", """{"type":"number","exclusiveMinimum":1}""", "EXCLUSIVE_MINIMUM_INCREASED")]
    [InlineData("""{"type":"number","exclusiveMinimum":1}""", """{"type":"number","minimum":1}""", null)]
    [InlineData("""{"type":"number","maximum":2}""", """{"type":"number","maximum":1}""", "MAXIMUM_DECREASED")]
    [InlineData("""{"type":"number"}""", """{"type":"number","exclusiveMaximum":1}""", "EXCLUSIVE_MAXIMUM_ADDED")]
    [InlineData("""{"type":"number"}""", """{"type":"number","multipleOf":2}""", "MULTIPLE_OF_ADDED")]
    [InlineData("""{"type":"number","multipleOf":4}""", """{"type":"number","multipleOf":2}""", null)]
    [InlineData("""{"type":"number","multipleOf":2}""", """{"type":"number","multipleOf":4}""", "MULTIPLE_OF_CHANGED")]
    [InlineData("""{"enum":["a","b"]}""", """{"enum":["a","b","c"]}""", null)]
    [InlineData("""{"enum":["a","b"]}""", """{"enum":["a"]}""", "ENUM_ARRAY_NARROWED")]
    [InlineData("""{"type":"string"}""", """{"enum":["a"]}""", "ENUM_ARRAY_CHANGED")]
    [InlineData("""{"const":"a"}""", """{"type":"string"}""", null)]
    [InlineData("""{"type":"array"}""", """{"type":"array","minItems":1}""", "MIN_ITEMS_ADDED")]
    [InlineData("""{"type":"array","maxItems":2}""", """{"type":"array","maxItems":1}""", "MAX_ITEMS_DECREASED")]
    [InlineData("""{"type":"array"}""", """{"type":"array","uniqueItems":true}""", "UNIQUE_ITEMS_ADDED")]
    [InlineData("""{"type":"array","uniqueItems":true}""", """{"type":"array"}""", null)]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", """{"type":"array","items":{"type":"integer"}}""", "TYPE_CHANGED")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", """{"type":"array","items":{"type":"number"}}""", null)]
    [InlineData("""{"type":"array","prefixItems":[{},{}]}""", """{"type":"array","prefixItems":[{}],"items":false}""", "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", """{"type":"array","contains":{"type":"string"}}""", "CONTAINS_CHANGED")]
    [InlineData("""{"type":"object"}""", """{"type":"object","required":["a"]}""", "REQUIRED_ATTRIBUTE_ADDED")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"type":"object","properties":{"a":{"type":"string","default":""}},"required":["a"]}""", null)]
    [InlineData("""{"type":"object","required":["a"]}""", """{"type":"object"}""", null)]
    [InlineData("""{"type":"object"}""", """{"type":"object","properties":{"a":{"type":"string"}}}""", "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL")]
    [InlineData("""{"type":"object"}""", """{"type":"object","properties":{"a":{}}}""", null)]
    [InlineData("""{"type":"object",CLOSED}""", """{"type":"object","properties":{"a":{"type":"string"}},CLOSED}""", null)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},CLOSED}""", """{"type":"object",CLOSED}""", "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"type":"object"}""", null)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"type":"object","properties":{"a":{"type":"integer"}}}""", "TYPE_CHANGED")]
    [InlineData("""{"type":"object"}""", """{"type":"object",CLOSED}""", "ADDITIONAL_PROPERTIES_REMOVED")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"number"}}""", """{"type":"object","additionalProperties":{"type":"integer"}}""", "ADDITIONAL_PROPERTIES_NARROWED")]
    [InlineData("""{"type":"object",CLOSED}""", """{"type":"object"}""", null)]
    [InlineData("""{"type":"object"}""", """{"type":"object","patternProperties":{"^x":{"type":"string"}}}""", "PATTERN_PROPERTY_CHANGED")]
    [InlineData("""{"type":"object"}""", """{"type":"object","maxProperties":3}""", "MAX_PROPERTIES_ADDED")]
    [InlineData("""{"type":"object","minProperties":1}""", """{"type":"object","minProperties":2}""", "MIN_PROPERTIES_INCREASED")]
    [InlineData("""{"type":"object"}""", """{"type":"object","propertyNames":{"maxLength":3}}""", "PROPERTYNAMES_CHANGED")]
    [InlineData("""{"type":"object"}""", """{"type":"object","dependentRequired":{"a":["b"]}}""", "DEPENDENTREQUIRED_CHANGED")]
    [InlineData("""{"type":"object"}""", """{"type":"object","unevaluatedProperties":false}""", "UNEVALUATEDPROPERTIES_CHANGED")]
    [InlineData("{}", """{"not":{"type":"string"}}""", "NOT_CHANGED")]
    [InlineData("""{"not":{"type":"string"}}""", "{}", null)]
    [InlineData("""{"oneOf":[{"type":"string"}]}""", """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", null)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", """{"anyOf":[{"type":"string"}]}""", "SUM_TYPE_NARROWED")]
    [InlineData("""{"type":["string","null"]}""", """{"anyOf":[{"type":"null"},{"type":"string"}]}""", null)]
    [InlineData("""{"type":"string"}""", """{"oneOf":[{"type":"string"},{"minLength":1}]}""", "SUM_TYPE_NARROWED")]
    [InlineData("""{"type":"string"}""", """{"allOf":[{"type":"string"},{"maxLength":3}]}""", "MAX_LENGTH_ADDED")]
    [InlineData("""{"allOf":[{"type":"string"},{"maxLength":3}]}""", """{"type":"string","maxLength":3}""", null)]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}}""", """{"type":"string"}""", null)]
    [InlineData("""{"type":"string"}""", "false", "NOTHING_ACCEPTED")]
    [InlineData("false", """{"type":"string"}""", null)]
    [InlineData("""{"type":"integer"}""", """{"not":{"type":"string"}}""", null)]
    [InlineData("""{"not":{"type":["string","null"]}}""", """{"not":{"type":"null"}}""", null)]
    [InlineData("""{"enum":["a","b"]}""", """{"type":"string","maxLength":1}""", null)]
    [InlineData("""{"type":"integer","minimum":1,"maximum":3}""", """{"anyOf":[{"maximum":2},{"minimum":3}]}""", null)]
    [InlineData("""{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":4}""", """{"enum":[1,2,3]}""", null)]
    [InlineData("""{"type":"number","minimum":3,"maximum":1}""", """{"const":7}""", null)]
    [InlineData("""{"type":"array","contains":{"type":"integer"},"minContains":2}""", """{"type":"array","contains":{"type":"number"}}""", null)]
    [InlineData("""{"type":"array","contains":{"type":"number"}}""", """{"type":"array","contains":{"type":"integer"}}""", "CONTAINS_CHANGED")]
    [InlineData("""{"type":"array","contains":{"type":"integer"},"minContains":0}""", """{"type":"array","contains":{"type":"integer"}}""", "CONTAINS_CHANGED")]
    [InlineData("""{"type":"array","prefixItems":[{},{}],"items":false}""", """{"type":"array","maxItems":2}""", null)]
    [InlineData("""{"type":"array","items":{"enum":[1,2]},"uniqueItems":true}""", """{"type":"array","maxItems":2}""", null)]
    [InlineData("""{"type":"array","items":{"enum":[1,2]}}""", """{"type":"array","maxItems":2}""", "MAX_ITEMS_ADDED")]
    [InlineData("""{"type":"array","items":{"enum":[1,2]},"uniqueItems":true,"minItems":3}""", "false", null)]
    [InlineData("""{"type":"object","required":["a","b"]}""", """{"type":"object","minProperties":2}""", null)]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{}},CLOSED}""", """{"type":"object","maxProperties":2}""", null)]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{}},CLOSED}""", """{"type":"object","propertyNames":{"enum":["a","b","c"]}}""", null)]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{}},CLOSED}""", """{"type":"object","propertyNames":{"enum":["a"]}}""", "PROPERTYNAMES_CHANGED")]
    [InlineData("""{"type":"object","required":["a","b"]}""", """{"type":"object","dependentRequired":{"a":["b"]}}""", null)]
    [InlineData("""{"if":{"type":"string"},"then":{"maxLength":3}}""", """{"if":{"type":"string"},"then":{"maxLength":4}}""", null)]
    [InlineData("""{"if":{"type":"string"},"then":{"maxLength":4}}""", """{"if":{"type":"string"},"then":{"maxLength":3}}""", "IF_CHANGED")]
    [InlineData("""{"allOf":[{"if":{"type":"string"},"then":{"maxLength":9}},{"if":{"minLength":7},"then":{"maxLength":8}}]}""", """{"if":{"type":"string"},"then":{"maxLength":8}}""", null)]
    [InlineData("""{"allOf":[{"if":{"type":"string"},"then":{"maxLength":9}},{"if":{"const":"x"},"then":{"maxLength":8}}]}""", """{"if":{"type":"string"},"then":{"maxLength":8}}""", "IF_CHANGED")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#","contains":{"type":"string"}}""", """{"contains":{"type":"string"}}""", "CONTAINS_CHANGED")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-06/schema#","type":"integer"}""", """{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer"}""", "TYPE_NARROWED")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-06/schema#","enum":[1]}""", """{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer"}""", "ENUM_ARRAY_NARROWED")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#","enum":[["1",1]]}""", """{"$schema":"http://json-schema.org/draft-04/schema#","items":{"type":["integer","string"]}}""", "ENUM_ARRAY_NARROWED")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer","enum":[1]}""", """{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer"}""", null)]
    [InlineData("""{"type":"string"}""", """{"not":{"$ref":"#"}}""", "NOT_CHANGED")]
    public void A_change_is_judged_by_its_rule(string writer, string reader, string? rule)
    {
        var found = Check(reader.Replace("CLOSED", Closed, StringComparison.Ordinal), writer.Replace("CLOSED", Closed, StringComparison.Ordinal));
        Assert.Equal(rule is null, found.Count == 0);
        if (rule is not null)
        {
            Assert.Contains(rule, found.Select(one => one.Kind));
        }
    }

    [Fact]
    public void A_refusal_tells_a_value_that_is_lost()
    {
        var told = Check("""{"type":"object","properties":{"size":{"type":"integer","minimum":10}}}""", """{"type":"object","properties":{"size":{"type":"integer","minimum":7}}}""");
        Assert.EndsWith("""; the writer may write {"size":7}""", told[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_by_kind_get_a_new_kind_without_a_break()
    {
        const string Mail = """{"type":"object","required":["kind"],"properties":{"kind":{"const":"mail"},"text":{"type":"string"}}}""";
        const string Chat = """{"type":"object","required":["kind"],"properties":{"kind":{"const":"chat"},"room":{"type":"string"}}}""";
        Assert.Empty(Check("{\"oneOf\":[" + Mail + "," + Chat + "]}", "{\"oneOf\":[" + Mail + "]}"));
        Assert.NotEmpty(Check("{\"oneOf\":[" + Mail + "]}", "{\"oneOf\":[" + Mail + "," + Chat + "]}"));
    }

    [Fact]
    public void Schemas_that_contain_themselves_are_compared()
    {
        const string Tree = """{"type":"object","properties":{"value":{"type":"TYPE"},"left":{"$ref":"#"},"right":{"$ref":"#"}},"additionalProperties":false}""";
        var (integer, number) = (Tree.Replace("TYPE", "integer", StringComparison.Ordinal), Tree.Replace("TYPE", "number", StringComparison.Ordinal));
        Assert.Empty(Check(number, integer));
        Assert.Contains(Check(integer, number), one => one is { Kind: "TYPE_NARROWED", At: "#/properties/value" });
        Assert.NotEmpty(Check("""{"anyOf":[{"$ref":"#"}]}""", """{"type":"string"}"""));
    }

    [Fact]
    public void Large_schemas_are_compared_without_a_square()
    {
        var properties = Enumerable.Range(0, 30_000).Select(i => $"\"property{i}\":{{\"$ref\":\"#/$defs/type{i}\"}}");
        var types = Enumerable.Range(0, 30_000).Select(i => $"\"type{i}\":{{\"type\":\"string\",\"maxLength\":{i + 1}}}");
        var text = "{\"type\":\"object\",\"properties\":{" + string.Join(',', properties) + "},\"$defs\":{" + string.Join(',', types) + "}}";
        Assert.Empty(Check(text.Replace("\"maxLength\":7}", "\"maxLength\":8}", StringComparison.Ordinal), text));
        Assert.Equal("MAX_LENGTH_DECREASED", Assert.Single(Check(text.Replace("\"maxLength\":7}", "\"maxLength\":6}", StringComparison.Ordinal), text)).Kind);
    }

    private static IReadOnlyList<Incompatibility> Check(string reader, string writer) => JsonSchemaDiff.Check(reader, new JsonSchemaOptions(), writer, new JsonSchemaOptions());
}
