using Trunkline.Server.Readers;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Tests.Readers;

/// <summary>What a schema does to readers of what was before.</summary>
public sealed class ImpactTests
{
    private const string Before = """
        {"type":"object","required":["id","total","customer"],"properties":{"id":{"type":"string"},"total":{"type":"integer"},"note":{"type":"string"},
          "customer":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"tier":{"type":"string"}}}}}
        """;

    [Fact]
    public void Adding_an_optional_field_breaks_nobody() =>
        Assert.Empty(Breaks(Before.Replace("\"note\":{\"type\":\"string\"}", "\"note\":{\"type\":\"string\"},\"more\":{\"type\":\"string\"}", StringComparison.Ordinal), "id", "total", ""));

    [Theory]
    [InlineData("\"total\":{\"type\":\"integer\"},", "", "total", "Removed")]
    [InlineData("{\"type\":\"integer\"}", "{\"type\":\"string\"}", "total", "Retyped")]
    [InlineData("{\"type\":\"integer\"}", "{\"type\":\"number\"}", "total", "Retyped")]
    [InlineData("{\"type\":\"integer\"}", "{\"type\":[\"integer\",\"null\"]}", "total", "MayBeMissing")]
    [InlineData("\"id\",\"total\",", "\"id\",", "total", "MayBeMissing")]
    [InlineData("\"required\":[\"name\"],", "", "customer.name", "MayBeMissing")]
    public void A_used_field_that_goes_or_changes_is_told(string from, string to, string field, string kind)
    {
        var one = Assert.Single(Breaks(Before.Replace(from, to, StringComparison.Ordinal), "id", field));
        Assert.Equal((field, kind), (one.Field, one.Kind.ToString()));
    }

    [Fact]
    public void Only_those_who_read_the_field_break_and_reading_a_part_is_reading_what_is_in_it()
    {
        var after = Before.Replace("\"name\":{\"type\":\"string\"},", "", StringComparison.Ordinal).Replace("\"required\":[\"name\"],", "", StringComparison.Ordinal);
        Assert.Empty(Breaks(after, "id", "customer.tier"));
        Assert.Equal("customer.name", Assert.Single(Breaks(after, "customer")).Field);
        Assert.Equal("customer.name", Assert.Single(Breaks(after, "")).Field);
    }

    [Fact]
    public void A_field_no_schema_has_is_told_also_without_an_earlier_schema()
    {
        var one = Assert.Single(Impact.Of(null, Fields(Before), [Reader("id", "missing")]));
        Assert.Equal(("missing", BreakKind.NotPromised), (one.Field, one.Kind));
    }

    private static IReadOnlyList<ReaderBreak> Breaks(string after, params string[] reads) => Impact.Of(Fields(Before), Fields(after), [Reader(reads)]);

    private static Reader Reader(params string[] fields) => new("orders", ReaderKind.Group, "billing") { Fields = fields };

    private static SchemaFields Fields(string text) => SchemaFields.Of(new SchemaContent { Type = SchemaTypes.Json, Text = text }, [])!;
}
