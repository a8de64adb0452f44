using System.IO.Compression;
using System.Net;

namespace Trunkline.Server.Tests.Api;

/// <summary>Bad input gets a clear problem and stores nothing.</summary>
public sealed class HostilePublishTests : ApiTest
{
    private const string In = "/api/v1/topics/in/messages";
    private const string Json = "application/json";
    private const string Structured = "application/cloudevents+json";

    public static TheoryData<string, string> BrokenJson => new()
    {
        { "", "json.invalid" },
        { "   ", "json.invalid" },
        { "{\"a\":1", "json.invalid" },
        { "{\"a\":1} x", "json.invalid" },
        { "{\"a\":1}{\"b\":2}", "json.invalid" },
        { "{'a':1}", "json.invalid" },
        { "{\"a\":01}", "json.invalid" },
        { "[1,]", "json.invalid" },
        { "// no\n1", "json.invalid" },
        { "NaN", "json.invalid" },
        { "\"a\u0000b\"", "json.invalid" },
        { "\"a\nb\"", "json.invalid" },
        { "\"\\ud800\"", "json.not-utf8" },
        { "{\"\\udc00\":1}", "json.not-utf8" },
        { "\"\\ud800\\u0041\"", "json.not-utf8" },
        { new string('[', 10_000), "json.too-deep" },
        { new string('[', 61) + new string(']', 61), "json.too-deep" },
        { string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000), "json.too-deep" },
    };

    [Theory]
    [MemberData(nameof(BrokenJson))]
    public async Task Broken_JSON_is_refused(string body, string code)
    {
        AssertProblem(HttpStatusCode.BadRequest, code, await PostAsync(In, body, Json));
        Assert.Empty(await BrowseAsync("in"));
    }

    [Fact]
    public async Task Broken_JSON_is_told_with_its_place_and_without_its_text()
    {
        var (_, body) = await PostAsync(In, "{\n  \"password\": hunter2\n}", Json);
        Assert.Equal("The JSON is broken at line 2, byte 15.", body.GetProperty("detail").GetString());
        var (_, lines) = await PostAsync(In, "{}\n{}\n{\"hunter2\"}", "application/x-ndjson");
        Assert.Equal("The JSON is broken at line 3, byte 11.", lines.GetProperty("detail").GetString());
        Assert.Empty(await BrowseAsync("in"));
    }

    [Fact]
    public async Task JSON_at_the_edge_is_taken_and_comes_back_as_it_was()
    {
        string[] edge = [new string('[', 60) + new string(']', 60), "\"\\u0000\"", "\"\\ud83d\\ude00\"", "12345678901234567890123", "-0", "1e400", "\"\\\\ud800\"", "null", "\"\""];
        foreach (var body in edge)
        {
            Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/v1/topics/one/messages", body, Json)).Status);
        }

        Assert.Equal(edge, (await BrowseAsync("one")).Select(m => m.GetProperty("data").GetRawText()));
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_are_refused()
    {
        byte[][] bodies = [[(byte)'"', 0xE9, (byte)'"'], [(byte)'"', 0xC0, 0x80, (byte)'"'], [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"'], [0xFF, 0xFE, (byte)'1', 0]];
        foreach (var body in bodies)
        {
            AssertProblem(HttpStatusCode.BadRequest, "json.not-utf8", await PostAsync(In, body, Json));
            AssertProblem(HttpStatusCode.BadRequest, "json.not-utf8", await PostAsync(In, body, Structured));
            AssertProblem(HttpStatusCode.BadRequest, "json.not-utf8", await PostAsync(In, body, "application/x-ndjson"));
        }
    }

    [Fact]
    public async Task A_byte_order_mark_is_left_out()
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(In, [0xEF, 0xBB, 0xBF, (byte)'1'], Json)).Status);
        Assert.Equal("1", Assert.Single(await BrowseAsync("in")).GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("application/json; charset=iso-8859-1", "request.charset-unsupported")]
    [InlineData("application/json; charset=\"utf-16\"", "request.charset-unsupported")]
    [InlineData("application/cloudevents+json; charset=utf-7", "request.charset-unsupported")]
    [InlineData("text/plain", "request.type-unsupported")]
    [InlineData("application/cloudevents+avro", "request.type-unsupported")]
    [InlineData("application/cloudevents", "request.type-unsupported")]
    [InlineData("application/xml", "request.type-unsupported")]
    [InlineData("application/jsonp", "request.type-unsupported")]
    [InlineData("multipart/form-data; boundary=x", "request.type-unsupported")]
    [InlineData("json", "request.type-unsupported")]
    [InlineData("", "request.type-unsupported")]
    [InlineData(null, "request.type-unsupported")]
    public async Task Wrong_types_and_charsets_are_refused(string? type, string code) =>
        AssertProblem(HttpStatusCode.UnsupportedMediaType, code, await PostAsync(In, "{}", type));

    [Fact]
    public async Task Compressed_bodies_are_refused_before_they_are_unpacked()
    {
        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(new byte[20_000_000]);
        }

        AssertProblem(HttpStatusCode.UnsupportedMediaType, "request.encoding-unsupported", await PostAsync(In, bomb.ToArray(), Json, ("Content-Encoding", "gzip")));
        AssertProblem(HttpStatusCode.UnsupportedMediaType, "request.encoding-unsupported", await PostAsync(In, "{}", Json, ("Content-Encoding", "br")));
    }

    [Theory]
    [InlineData("""{"id":"1","source":"s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","source":"s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"","source":"s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":null,"source":"s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":""}""")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"s","type":"t"}""")]
    [InlineData("""{"specversion":1.0,"id":"1","source":"s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","id":"2","source":"s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","Upper":"x"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","with-dash":"x"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","":"x"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","obj":{"a":1}}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","arr":[1]}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","num":1.5}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","ctl":"a\u0001b"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","ctl":"a\u0085b"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","offset":"7"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","time":"yesterday"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","time":"2026-01-31T12:00:00"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","time":"2026-02-31T12:00:00Z"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","data":1,"data_base64":"AA=="}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","data":1,"data":2}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"***"}""")]
    [InlineData("""[{"specversion":"1.0","id":"1","source":"s","type":"t"}]""")]
    [InlineData("\"text\"")]
    public async Task Events_that_break_the_specification_are_refused(string body)
    {
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, body, Structured));
        Assert.Empty(await BrowseAsync("in"));
    }

    [Fact]
    public async Task Events_past_the_bounds_are_refused()
    {
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, Event($"\"{new string('i', 1025)}\""), Structured));
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, Event("\"1\"", $",\"subject\":\"{new string('s', 20_000)}\""), Structured));
        AssertProblem(HttpStatusCode.BadRequest, "message.key-too-long", await PostAsync(In, Event("\"1\"", $",\"partitionkey\":\"{new string('s', 9_000)}\""), Structured));
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid",
            await PostAsync(In, Event("\"1\"", string.Concat(Enumerable.Range(0, 70).Select(i => $",\"x{i}\":\"\""))), Structured));
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, "{}", "application/cloudevents-batch+json"));
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, "[1]", "application/cloudevents-batch+json"));
        AssertProblem(HttpStatusCode.BadRequest, "event.batch-empty", await PostAsync(In, "[]", "application/cloudevents-batch+json"));
        AssertProblem(HttpStatusCode.BadRequest, "event.batch-empty", await PostAsync(In, "\n \n", "application/x-ndjson"));
        AssertProblem(HttpStatusCode.RequestEntityTooLarge, "event.batch-too-many",
            await PostAsync(In, string.Concat(Enumerable.Repeat("1\n", 10_001)), "application/x-ndjson"));
        AssertProblem(HttpStatusCode.RequestEntityTooLarge, "message.too-large", await PostAsync(In, $"\"{new string('x', 1024 * 1024)}\"", Json));
        Assert.Empty(await BrowseAsync("in"));
    }

    [Fact]
    public async Task Bad_header_values_are_refused()
    {
        (string, string)[] attributes = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "s"), ("ce-type", "t")];
        AssertProblem(HttpStatusCode.BadRequest, "request.header-invalid", await PostAsync(In, "x", "text/plain", [.. attributes, ("ce-subject", "50%")]));
        AssertProblem(HttpStatusCode.BadRequest, "request.header-invalid", await PostAsync(In, "x", "text/plain", [.. attributes, ("ce-subject", "%ff")]));
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, "x", "text/plain", [.. attributes, ("ce-subject", "a%0d%0ab")]));
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, "x", "text/plain", [.. attributes, ("ce-subject", "%00")]));
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, "x", "text/plain", [.. attributes, ("ce-under_score", "x")]));
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", await PostAsync(In, "x", "text/plain", attributes[1..]));
        AssertProblem(HttpStatusCode.BadRequest, "json.invalid", await PostAsync(In, "{", Json, attributes));
        AssertProblem(HttpStatusCode.BadRequest, "request.header-invalid", await PostAsync(In, "1", Json, ("Trunkline-Key", "%zz")));
        AssertProblem(HttpStatusCode.BadRequest, "request.header-invalid", await PostAsync(In, "1", Json, ("Idempotency-Key", new string('k', 600))));
        Assert.Empty(await BrowseAsync("in"));
    }

    [Theory]
    [InlineData("/api/v1/topics/none/messages", HttpStatusCode.NotFound, "topic.not-found")]
    [InlineData("/api/v1/topics/trunkline.changes/messages", HttpStatusCode.Forbidden, "topic.internal")]
    [InlineData("/api/v1/topics/a%2Fb/messages", HttpStatusCode.BadRequest, "topic.name-invalid")]
    [InlineData("/api/v1/topics/%2e%2e%2Fx/messages", HttpStatusCode.BadRequest, "topic.name-invalid")]
    [InlineData("/api/v1/topics/a%20b/messages", HttpStatusCode.BadRequest, "topic.name-invalid")]
    [InlineData("/api/v1/topics/%C3%BC/messages", HttpStatusCode.BadRequest, "topic.name-invalid")]
    [InlineData("/api/v1/topics//messages", HttpStatusCode.NotFound, "request.not-found")]
    [InlineData("/api/v1/nothing", HttpStatusCode.NotFound, "request.not-found")]
    [InlineData("/api/v1/health", HttpStatusCode.NotFound, "request.not-found")]
    [InlineData("/health/live", HttpStatusCode.MethodNotAllowed, "request.method-not-allowed")]
    public async Task Addresses_that_lead_nowhere_are_told_apart(string path, HttpStatusCode status, string code) =>
        AssertProblem(status, code, await PostAsync(path, "{}", Json));

    [Fact]
    public async Task A_name_of_any_length_is_refused_as_a_name() =>
        AssertProblem(HttpStatusCode.BadRequest, "topic.name-invalid", await PostAsync($"/api/v1/topics/{new string('a', 5000)}/messages", "{}", Json));

    private static string Event(string id, string more = "") =>
        "{\"specversion\":\"1.0\",\"id\":" + id + ",\"source\":\"s\",\"type\":\"t\"" + more + "}";
}
