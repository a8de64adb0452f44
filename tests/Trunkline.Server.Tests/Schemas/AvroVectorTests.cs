using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Trunkline.Server.Schemas.Avro;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>The verdicts of Apache Avro.</summary>
public sealed partial class AvroVectorTests
{
    [Fact]
    public void Every_reader_and_writer_is_judged_as_apache_avro_does()
    {
        using var pairs = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Vectors.Folder("apache-avro"), "reader-writer-compatibility.json")));
        var wrong = new List<string>();
        foreach (var pair in pairs.RootElement.EnumerateArray())
        {
            var found = AvroResolution.Check(Read(pair.GetProperty("reader").GetRawText()), Read(pair.GetProperty("writer").GetRawText()));
            var kinds = pair.GetProperty("incompatibilities").EnumerateArray().Select(kind => kind.GetString()!.ToUpperInvariant()).Distinct().Order();
            if (found.Count == 0 != pair.GetProperty("compatible").GetBoolean() || !kinds.SequenceEqual(found.Select(one => one.Kind).Distinct().Order()))
            {
                wrong.Add($"{pair.GetRawText()}: {string.Join("; ", found)}");
            }
        }

        Assert.Equal(131, pairs.RootElement.GetArrayLength());
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_schema_is_valid_or_not_as_apache_avro_says()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Vectors.Folder("apache-avro"), "schema-validity.json")));
        var wrong = cases.RootElement.EnumerateArray().Where(one =>
            AvroReading.Read(Encoding.UTF8.GetBytes(one.GetProperty("schema").GetString()!), [], out var faults) is not null != one.GetProperty("valid").GetBoolean()
            || faults.Count == 0 != one.GetProperty("valid").GetBoolean()).Select(one => one.GetRawText());
        Assert.Equal(96, cases.RootElement.GetArrayLength());
        Assert.Empty(wrong);
    }

    [Fact]
    public void Canonical_forms_and_fingerprints_are_those_of_apache_avro()
    {
        var text = File.ReadAllText(Path.Combine(Vectors.Folder("apache-avro"), "schema-tests.txt"));
        var (forms, prints) = (0, 0);
        foreach (Match one in Case().Matches(text))
        {
            var form = AvroCanonical.Form(Read(one.Groups[1].Success ? one.Groups[1].Value : one.Groups[2].Value));
            Assert.Equal(one.Groups[3].Value, form);
            forms++;
            if (one.Groups[4].Success)
            {
                Assert.Equal(long.Parse(one.Groups[4].Value, CultureInfo.InvariantCulture), unchecked((long)AvroCanonical.Crc64(form)));
                prints++;
            }
        }

        Assert.Equal((34, 26), (forms, prints));
    }

    [Theory]
    [InlineData("interop.avsc")]
    [InlineData("weather.avsc")]
    [InlineData("fooBar.avsc")]
    [InlineData("reserved.avsc")]
    public void Schemas_of_the_field_read_themselves(string file)
    {
        var path = Path.Combine(Vectors.Folder("apache-avro"), "schemas", file);
        var schema = Read(File.ReadAllText(path));
        Assert.Empty(AvroResolution.Check(schema, Read(File.ReadAllText(path))));
        Assert.Equal(AvroCanonical.Form(schema), AvroCanonical.Form(Read(AvroCanonical.Form(schema))));
    }

    internal static AvroSchema Read(string text)
    {
        var schema = AvroReading.Read(Encoding.UTF8.GetBytes(text), [], out var faults);
        Assert.Empty(faults);
        return schema!;
    }

    [GeneratedRegex(@"^<<INPUT(?:[ ]([^\n]+)|\n(.*?)\nINPUT)\n<<canonical ([^\n]+)\n(?:<<fingerprint (-?[0-9]+))?", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Case();
}
