using System.Text;
using Trunkline.Server.Schemas;
using Trunkline.Server.Schemas.Avro;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>What the vectors do not say about Avro schemas: places of faults, aliases, recursion, hostile schemas.</summary>
public sealed class AvroSchemaTests
{
    [Theory]
    [InlineData("""{"type":"record","name":"r","fields":[{"name":"a","type":"int","default":"x"}]}""", "/fields/0/default")]
    [InlineData("""{"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}""", "/fields/1")]
    [InlineData("""{"type":"record","name":"r","fields":[{"name":"a","type":["null",["int"]]}]}""", "/fields/0/type/1")]
    [InlineData("""{"type":"record","name":"r","fields":[{"name":"a","type":"other"}]}""", "/fields/0/type")]
    [InlineData("""{"type":"fixed","name":"f","size":99999999999}""", "")]
    [InlineData("""{"type":"array"}""", "")]
    [InlineData("""{"type":""", "")]
    public void A_faulty_schema_is_refused_with_the_place(string text, string at)
    {
        Assert.Null(AvroReading.Read(Encoding.UTF8.GetBytes(text), [], out var faults));
        Assert.Equal(at, Assert.Single(faults).At);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        Assert.Null(Read("""{"type":"record","name":"1r","fields":[{"name":"a"},{"name":"b","type":"what"},{"name":"c","type":"int","default":null}]}""", out var faults));
        Assert.Equal(["/name", "/fields/0", "/fields/1/type", "/fields/2/default"], faults.Select(fault => fault.At));
    }

    [Fact]
    public void A_default_may_be_of_any_branch_of_a_union() =>
        Assert.NotNull(Read("""{"type":"record","name":"r","fields":[{"name":"a","type":["null","int"],"default":7}]}""", out _));

    [Fact]
    public void Names_come_from_references()
    {
        ReadOnlyMemory<byte>[] references = [Encoding.UTF8.GetBytes("""{"type":"record","name":"x.Inner","fields":[]}""")];
        Assert.NotNull(AvroReading.Read(Encoding.UTF8.GetBytes("""{"type":"array","items":"x.Inner"}"""), references, out _));
        Assert.Null(Read("""{"type":"array","items":"x.Inner"}""", out _));
    }

    [Fact]
    public void A_reader_finds_a_renamed_field_and_a_renamed_record_by_alias()
    {
        var writer = Read("""{"type":"record","name":"a.Old","fields":[{"name":"old","type":"int"}]}""", out _)!;
        var reader = Read("""{"type":"record","name":"a.New","aliases":["Old"],"fields":[{"name":"new","type":"long","aliases":["old"]}]}""", out _)!;
        Assert.Empty(AvroResolution.Check(reader, writer));
        Assert.Equal(["NAME_MISMATCH", "READER_FIELD_MISSING_DEFAULT_VALUE"], AvroResolution.Check(writer, reader).Select(one => one.Kind));
    }

    [Fact]
    public void Records_that_contain_themselves_are_compared_and_a_difference_deep_in_them_is_found()
    {
        const string Tree = """{"type":"record","name":"Tree","fields":[{"name":"left","type":["null","Tree"]},{"name":"value","type":"VALUE"}]}""";
        var (numbers, texts) = (Read(Tree.Replace("VALUE", "int", StringComparison.Ordinal), out _)!, Read(Tree.Replace("VALUE", "string", StringComparison.Ordinal), out _)!);
        Assert.Empty(AvroResolution.Check(numbers, Read(Tree.Replace("VALUE", "int", StringComparison.Ordinal), out _)!));
        Assert.Contains(AvroResolution.Check(numbers, texts), one => one is { Kind: "TYPE_MISMATCH", At: "/fields/1/type" });
    }

    [Fact]
    public void A_pair_taken_to_be_readable_while_another_is_judged_is_judged_again_when_that_one_is_not()
    {
        // B is readable only if A is; A is not, because of its last field.
        const string A = """{"type":"record","name":"A","fields":[{"name":"b","type":["null",{"type":"record","name":"B","fields":[{"name":"a","type":["null","A"]}]}]},{"name":"v","type":"VALUE"}]}""";
        var writer = Read($$"""["null",{{A.Replace("VALUE", "string", StringComparison.Ordinal)}},"B"]""", out _)!;
        var reader = Read($$"""["null",{{A.Replace("VALUE", "int", StringComparison.Ordinal)}},"B"]""", out _)!;
        Assert.Equal(["/1", "/2"], AvroResolution.Check(reader, writer).Select(one => one.At));
    }

    [Fact]
    public void Nesting_has_a_bound_also_by_name()
    {
        var chain = new StringBuilder("[{\"type\":\"record\",\"name\":\"R0\",\"fields\":[]}");
        for (var i = 1; i <= 2000; i++)
        {
            chain.Append(System.Globalization.CultureInfo.InvariantCulture, $$""",{"type":"record","name":"R{{i}}","fields":[{"name":"f","type":"R{{i - 1}}"}]}""");
        }

        Assert.Null(Read(chain.Append(']').ToString(), out var faults));
        Assert.Contains("1000 levels", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    private static AvroSchema? Read(string text, out IReadOnlyList<SchemaFault> faults) => AvroReading.Read(Encoding.UTF8.GetBytes(text), [], out faults);
}
