using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Trunkline.Server.Schemas.Avro;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Schemas and payloads of somebody who means harm, or who made a mistake: refused with the reason, in time, and the registry goes on.</summary>
public sealed class BadSchemaTests : RegistryTest
{
    private static readonly string s_deepJson = string.Concat(Enumerable.Repeat("{\"items\":", 1001)) + "{}" + new string('}', 1001);
    private static readonly string s_deepAvro = string.Concat(Enumerable.Repeat("{\"type\":\"array\",\"items\":", 1001)) + "\"int\"" + new string('}', 1001);
    private static readonly string s_deepProto = "syntax=\"proto3\"; " + string.Concat(Enumerable.Repeat("message M { ", 1001)) + new string('}', 1001);

    /// <summary>What is registered, and a word of the reason.</summary>
    public static TheoryData<string, string, string> Faulty => new()
    {
        { "JSON", s_deepJson, "levels" },
        { "AVRO", s_deepAvro, "levels" },
        { "PROTOBUF", s_deepProto, "deep" },
        { "JSON", """{"$ref":"https://127.0.0.1/x.json"}""", "nothing is fetched" },
        { "JSON", """{"$ref":"file:///etc/passwd"}""", "nothing is fetched" },
        { "JSON", """{"$ref":"/etc/passwd"}""", "nothing is fetched" },
        { "PROTOBUF", """syntax="proto3"; import "/etc/passwd"; message M { }""", "/etc/passwd" },
        { "AVRO", """{"type":"array","items":"https://127.0.0.1/x"}""", "x" },
        { "JSON", """{"type":"object","type":"string"}""", "twice" },
        { "AVRO", """{"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}""", "a" },
        { "PROTOBUF", """syntax="proto3"; message M { int32 a = 1; int32 a = 2; }""", "a" },
        { "JSON", """{"pattern":"("}""", "regular expression" },
        { "JSON", """{"minLength":-1}""", "minLength" },
        { "AVRO", """{"type":"fixed","name":"f","size":99999999999999999999}""", "size" },
        { "PROTOBUF", """syntax="proto3"; message M { int32 a = 99999999999999999999; }""", "number" },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task A_bad_schema_is_refused_with_the_reason_and_changes_nothing(string type, string schema, string word)
    {
        var started = Stopwatch.GetTimestamp();
        var (status, answer) = await SendAsync(HttpMethod.Post, "subjects/s/versions", Body(schema, type));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, 42201), (status, answer.GetProperty("error_code").GetInt32()));
        Assert.Contains(word, answer.GetProperty("message").GetString()!, StringComparison.OrdinalIgnoreCase);
        Assert.True(answer.GetProperty("message").GetString()!.Length < 10_000, "The reason is longer than anybody reads.");
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
        Assert.Equal("[]", (await OkAsync(HttpMethod.Get, "subjects?deleted=true")).GetRawText());
    }

    [Theory]
    [InlineData("JSON", """{"format":"no-such-format"}""")]
    [InlineData("AVRO", """{"type":"int","logicalType":"no-such-type"}""")]
    [InlineData("JSON", """{"type":"integer","minimum":-99999999999999999999999999,"maximum":1e400}""")]
    [InlineData("JSON", """{"$defs":{"a":{"properties":{"b":{"$ref":"#/$defs/b"}}},"b":{"properties":{"a":{"$ref":"#/$defs/a"}}}},"$ref":"#/$defs/a"}""")]
    [InlineData("AVRO", """{"type":"record","name":"Tree","fields":[{"name":"left","type":["null","Tree"]},{"name":"right","type":["null","Tree"]}]}""")]
    [InlineData("PROTOBUF", """syntax="proto3"; message A { B b = 1; } message B { A a = 1; }""")]
    public async Task What_is_only_unusual_is_taken_and_comes_back(string type, string schema)
    {
        var id = (await OkAsync(HttpMethod.Post, "subjects/s/versions", Body(schema, type))).GetProperty("id").GetInt32();
        Assert.Equal(1, id);
        Assert.Equal(id, (await OkAsync(HttpMethod.Post, "subjects/s/versions", Body(schema, type))).GetProperty("id").GetInt32());
        Assert.True((await OkAsync(HttpMethod.Post, "compatibility/subjects/s/versions/latest", Body(schema, type))).GetProperty("is_compatible").GetBoolean());
    }

    [Fact]
    public async Task A_remote_reference_is_never_asked_for()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/schema.json";
        await RefusedAsync(HttpMethod.Post, "subjects/s/versions", Body($$"""{"$ref":"{{address}}"}""", "JSON"), 42201);
        await RefusedAsync(HttpMethod.Post, "subjects/s/versions", Body($$"""{"$schema":"{{address}}","type":"string"}""", "JSON"), 42201);
        Assert.False(listener.Pending(), "Somebody called.");
    }

    [Fact]
    public async Task A_large_schema_is_taken_and_one_that_is_too_large_refused()
    {
        var many = "{\"properties\":{" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"property{i}\":{{\"type\":\"string\"}}")) + "}}";
        await OkAsync(HttpMethod.Post, "subjects/large/versions", Body(many, "JSON"));
        var huge = "{\"description\":\"" + new string('x', 10_000_000) + "\"}";
        await RefusedAsync(HttpMethod.Post, "subjects/huge/versions", Body(huge, "JSON"), 42209);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/registry/subjects/huge/versions") { Content = new ByteArrayContent(new byte[21_000_000]) };
        request.Headers.ExpectContinue = true;
        using var response = await Http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("\"error_code\":413", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public void A_payload_that_claims_more_items_than_it_has_bytes_is_refused_at_once()
    {
        // An array of nulls takes no bytes: four billion of them in six.
        var schema = AvroFormatOf("""{"type":"array","items":"null"}""");
        byte[] bomb = [0x80, 0x80, 0x80, 0x80, 0x20, 0x00];
        Assert.Contains("more items than bytes", AvroWalk.Check(schema, bomb)!.Message, StringComparison.Ordinal);
    }

    private static AvroSchema AvroFormatOf(string text) => AvroReading.Read(Encoding.UTF8.GetBytes(text), [], out _)!;
}
