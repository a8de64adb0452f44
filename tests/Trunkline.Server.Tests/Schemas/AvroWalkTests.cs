using System.Text;
using Trunkline.Server.Schemas.Avro;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Avro's binary form along its schema: what is a value, where it is none, and that no bytes can hurt.</summary>
public sealed class AvroWalkTests
{
    private const string Mail = """
        {"type":"record","name":"Mail","fields":[{"name":"id","type":"string"},{"name":"size","type":"int"},{"name":"tags","type":{"type":"array","items":"string"}},
         {"name":"kind","type":{"type":"enum","name":"K","symbols":["A","B"]}},{"name":"next","type":["null","Mail"]}]}
        """;

    [Theory]
    [InlineData("\"null\"", "")]
    [InlineData("\"boolean\"", "01")]
    [InlineData("\"int\"", "01")]
    [InlineData("\"int\"", "FFFFFFFF0F")]
    [InlineData("\"long\"", "FFFFFFFFFFFFFFFFFF01")]
    [InlineData("\"float\"", "00000000")]
    [InlineData("\"double\"", "0000000000000000")]
    [InlineData("\"bytes\"", "04FFFE")]
    [InlineData("\"string\"", "04C3A4")]
    [InlineData("""{"type":"fixed","name":"f","size":2}""", "0001")]
    [InlineData("""{"type":"map","values":"int"}""", "0202610200")]
    [InlineData("""{"type":"array","items":"int"}""", "0304020400")]
    public void A_value_is_one(string schema, string hex) => Assert.Null(AvroWalk.Check(AvroVectorTests.Read(schema), Convert.FromHexString(hex)));

    [Theory]
    [InlineData("\"null\"", "00", "", "left over")]
    [InlineData("\"boolean\"", "02", "", "0 or 1")]
    [InlineData("\"int\"", "FFFFFFFF7F", "", "32 bits")]
    [InlineData("\"long\"", "FFFFFFFFFFFFFFFFFF02", "", "64 bits")]
    [InlineData("\"long\"", "FFFFFFFFFFFFFFFFFFFFFF01", "", "64 bits")]
    [InlineData("\"long\"", "80", "", "too early")]
    [InlineData("\"double\"", "00", "", "too early")]
    [InlineData("\"bytes\"", "08FF", "", "beyond the end")]
    [InlineData("\"bytes\"", "01", "", "beyond the end")]
    [InlineData("\"string\"", "02FF", "", "UTF-8")]
    [InlineData("""{"type":"enum","name":"e","symbols":["A"]}""", "02", "", "no such symbol")]
    [InlineData("""["null","int"]""", "04", "", "no such branch")]
    [InlineData("""{"type":"array","items":"int"}""", "02", "/0", "too early")]
    [InlineData("""{"type":"array","items":"int"}""", "0101", "", "beyond the end")]
    [InlineData("""{"type":"array","items":"null"}""", "FEFFFFFFFFFFFFFFFF01", "", "more items than bytes")]
    [InlineData("""{"type":"map","values":{"type":"record","name":"r","fields":[{"name":"a","type":"string"}]}}""", "02026102FF00", "/0/a", "UTF-8")]
    public void What_is_no_value_is_told_with_its_place(string schema, string hex, string at, string problem)
    {
        var fault = AvroWalk.Check(AvroVectorTests.Read(schema), Convert.FromHexString(hex));
        Assert.Equal(at, fault!.At);
        Assert.Contains(problem, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_is_walked_field_by_field()
    {
        byte[] mail = [.. Text("a"), 14, 4, .. Text("x"), .. Text("y"), 0, 2, 2, .. Text("b"), 2, 0, 0, 0];
        Assert.Null(AvroWalk.Check(AvroVectorTests.Read(Mail), mail));
        mail[^2] = 9;
        Assert.Equal("/next/kind", AvroWalk.Check(AvroVectorTests.Read(Mail), mail)!.At);
    }

    [Fact]
    public void A_message_nested_without_end_is_refused()
    {
        var schema = AvroVectorTests.Read("""{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}""");
        Assert.Contains("1000 levels", AvroWalk.Check(schema, Enumerable.Repeat((byte)2, 10_000_000).ToArray())!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var schema = AvroVectorTests.Read(Mail);
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            AvroWalk.Check(schema, bytes);
        }
    }

    private static byte[] Text(string text) => [(byte)(text.Length * 2), .. Encoding.UTF8.GetBytes(text)];
}
