using System.Net;
using System.Text.Json;

namespace Trunkline.Server.Tests.Api;

public sealed class PublishTests : ApiTest
{
    private const string In = "/api/v1/topics/in/messages";
    private const string Structured = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";
    private const string Ndjson = "application/x-ndjson";

    [Fact]
    public async Task Plain_JSON_is_one_message_even_if_it_is_an_array()
    {
        var (status, body) = await PostAsync(In, """[{"a":1},{"b":2}]""", "application/json", ("Trunkline-Key", "k1"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(1, body.GetProperty("messages").GetArrayLength());
        var stored = Assert.Single(await BrowseAsync("in"));
        Assert.Equal("""[{"a":1},{"b":2}]""", stored.GetProperty("data").GetRawText());
        Assert.Equal("k1", stored.GetProperty("partitionkey").GetString());
        Assert.Equal("application/json", stored.GetProperty("datacontenttype").GetString());
        Assert.Equal(body.GetProperty("messages")[0].GetProperty("id").GetString(), stored.GetProperty("id").GetString());
    }

    [Fact]
    public async Task NDJSON_is_a_message_a_line_in_order()
    {
        var (status, body) = await PostAsync("/api/v1/topics/one/messages", "{\"n\":1}\r\n\n  {\"n\":2}\n3", Ndjson);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal([0L, 1, 2], body.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("offset").GetInt64()));
        Assert.Equal(["{\"n\":1}", "{\"n\":2}", "3"], (await BrowseAsync("one")).Select(m => m.GetProperty("data").GetRawText()));
    }

    [Fact]
    public async Task A_structured_event_comes_back_with_every_attribute()
    {
        const string Event = """
            {"specversion":"1.0","id":"A-1","source":"https://example.com/crm","type":"mail.received","subject":"s ü","time":"2026-01-31T12:00:00.5+02:00",
             "dataschema":"https://example.com/s","partitionkey":"kunde-7","tenant":"acme","priority":3,"flagged":true,"empty":null,
             "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","data":{"text":"hi\nthere","deep":[1,2,{"x":null}]}}
            """;
        var (status, _) = await PostAsync(In, Event, "application/cloudevents+json; charset=UTF-8");
        Assert.Equal(HttpStatusCode.OK, status);
        var stored = Assert.Single(await BrowseAsync("in"));
        Check("id", "A-1");
        Check("source", "https://example.com/crm");
        Check("type", "mail.received");
        Check("subject", "s ü");
        Check("dataschema", "https://example.com/s");
        Check("partitionkey", "kunde-7");
        Check("tenant", "acme");
        Check("priority", "3");
        Check("flagged", "true");
        Check("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Check("datacontenttype", "application/json");
        Assert.False(stored.TryGetProperty("empty", out _));
        Assert.Equal(DateTimeOffset.Parse("2026-01-31T10:00:00.5Z"), stored.GetProperty("time").GetDateTimeOffset());
        Assert.Equal("""{"text":"hi\nthere","deep":[1,2,{"x":null}]}""", stored.GetProperty("data").GetRawText());

        void Check(string name, string value) => Assert.Equal(value, stored.GetProperty(name).GetString());
    }

    [Fact]
    public async Task Binary_mode_reads_attributes_from_percent_encoded_headers()
    {
        var payload = new byte[] { 0xFF, 0xD8, 0x00, 0x01 };
        var (status, _) = await PostAsync(In, payload, "image/jpeg", ("ce-specversion", "1.0"), ("ce-id", "b1"), ("ce-source", "/cam"), ("ce-type", "shot"),
            ("ce-subject", "Euro%20%e2%82%ac"), ("ce-partitionkey", "\"a%25b\""));
        Assert.Equal(HttpStatusCode.OK, status);
        var stored = Assert.Single(await BrowseAsync("in"));
        Assert.Equal("Euro €", stored.GetProperty("subject").GetString());
        Assert.Equal("a%b", stored.GetProperty("partitionkey").GetString());
        Assert.Equal("image/jpeg", stored.GetProperty("datacontenttype").GetString());
        Assert.Equal(payload, stored.GetProperty("data_base64").GetBytesFromBase64());
    }

    [Fact]
    public async Task Data_that_is_not_JSON_travels_as_text_or_base64()
    {
        await PostAsync(In, """{"specversion":"1.0","id":"1","source":"s","type":"t","datacontenttype":"text/plain","partitionkey":"k","data":"grü\u00DFe \ud83d\ude00"}""", Structured);
        await PostAsync(In, """{"specversion":"1.0","id":"2","source":"s","type":"t","datacontenttype":"application/octet-stream","partitionkey":"k","data_base64":"AAH/"}""", Structured);
        var stored = await BrowseAsync("in");
        Assert.Equal("grüße 😀", stored[0].GetProperty("data").GetString());
        Assert.Equal("AAH/", stored[1].GetProperty("data_base64").GetString());
    }

    [Fact]
    public async Task A_batch_with_one_bad_event_stores_nothing()
    {
        var batch = "[" + Event("1") + "," + Event("2").Replace("\"type\":\"t\",", "", StringComparison.Ordinal) + "]";
        var answer = await PostAsync(In, batch, Batch);
        AssertProblem(HttpStatusCode.BadRequest, "event.invalid", answer);
        Assert.Contains("Event 2", answer.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(await BrowseAsync("in"));
    }

    [Fact]
    public async Task A_batch_is_answered_in_order_and_its_repeat_is_recognised()
    {
        var batch = "[" + string.Join(',', Enumerable.Range(0, 50).Select(i => Event($"e{i}", $"k{i}"))) + "]";
        var (_, first) = await PostAsync(In, batch, Batch);
        var (_, second) = await PostAsync(In, batch, Batch);
        var once = first.GetProperty("messages").EnumerateArray().ToList();
        var twice = second.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"e{i}"), once.Select(m => m.GetProperty("id").GetString()));
        Assert.All(once, m => Assert.False(m.GetProperty("duplicate").GetBoolean()));
        Assert.All(twice, m => Assert.True(m.GetProperty("duplicate").GetBoolean()));
        Assert.Equal(once.Select(Place), twice.Select(Place));
        Assert.Equal(50, (await BrowseAsync("in")).Count);

        static (int, long) Place(JsonElement m) => (m.GetProperty("partition").GetInt32(), m.GetProperty("offset").GetInt64());
    }

    [Fact]
    public async Task An_idempotency_key_makes_a_repeat_of_plain_JSON_a_duplicate()
    {
        var (_, first) = await PostAsync(In, "{}", "application/json", ("Idempotency-Key", "\"abc\""));
        var (_, second) = await PostAsync(In, "{}", "application/json", ("Idempotency-Key", "abc"));
        Assert.False(first.GetProperty("messages")[0].GetProperty("duplicate").GetBoolean());
        Assert.True(second.GetProperty("messages")[0].GetProperty("duplicate").GetBoolean());
        Assert.Single(await BrowseAsync("in"));
    }

    [Fact]
    public async Task Every_message_carries_a_trace_the_requests_or_its_own()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await PostAsync("/api/v1/topics/one/messages", "1\n2", Ndjson, ("traceparent", Trace), ("tracestate", "a=b"));
        await PostAsync("/api/v1/topics/one/messages", "3\n4", Ndjson, ("traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01"));
        var stored = await BrowseAsync("one");
        Assert.Equal([Trace, Trace], stored.Take(2).Select(TraceOf));
        Assert.Equal("a=b", stored[0].GetProperty("tracestate").GetString());
        Assert.All(stored.Skip(2), m => Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", TraceOf(m)));
        Assert.NotEqual(TraceOf(stored[2]), TraceOf(stored[3]));

        static string? TraceOf(JsonElement m) => m.GetProperty("traceparent").GetString();
    }

    private static string Event(string id, string key = "k") =>
        "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"s\",\"type\":\"t\",\"partitionkey\":\"" + key + "\",\"data\":{}}";
}
