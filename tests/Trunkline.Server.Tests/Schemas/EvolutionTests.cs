using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Server.Schemas.Avro;
using Trunkline.Server.Schemas.Evolution;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Tests.Api;
using Trunkline.Server.Tests.Configuration;
using Trunkline.Server.Tests.Flows;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Topics evolve while they are written and read: every reader gets every message, in its own version.</summary>
public sealed class EvolutionTests : ApiTest
{
    private const int PerVersion = 250;

    // Each adds, drops or renames something.
    private static readonly string[] AvroVersions =
    [
        """{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"total","type":"long","default":0}]}""",
        """{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"total","type":"long","default":0},{"name":"note","type":["null","string"],"default":null}]}""",
        """{"type":"record","name":"Order","fields":[{"name":"currency","type":"string","default":"EUR"},{"name":"id","type":"string"},{"name":"total","type":"long","default":0}]}""",
        """{"type":"record","name":"Order","fields":[{"name":"currency","type":"string","default":"EUR"},{"name":"number","type":"string","aliases":["id"]},{"name":"total","type":"long","default":0}]}""",
    ];

    private static readonly string[] JsonVersions =
    [
        """{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"total":{"type":"integer"}},"additionalProperties":false}""",
        """{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"total":{"type":"integer"},"note":{"type":"string","default":""}},"additionalProperties":false}""",
        """{"type":"object","required":["id","currency"],"properties":{"id":{"type":"string"},"sum":{"type":"integer","aliases":["total"]},"currency":{"type":"string","default":"EUR"}},"additionalProperties":false}""",
        """{"type":"object","required":["id","currency"],"properties":{"id":{"type":"string"},"sum":{"type":"string","aliases":["total"]},"currency":{"type":"string","default":"EUR"}},"additionalProperties":false}""",
    ];

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Project = Projects.Valid("""
            topics: { avro: { subject: avro }, json: { subject: json }, second: {}, third: {} }
            flows:
              reads-avro: { from: { topic: avro, version: 2 }, to: { topic: second } }
              reads-json: { from: { topic: json, version: 3 }, to: { topic: third } }
            """),
    };

    [Fact]
    public async Task An_avro_topic_goes_from_version_1_to_4_under_load_and_nothing_is_lost_or_unreadable()
    {
        await PostConfigAsync("avro");
        var schemas = AvroVersions.Select(text => AvroReading.Read(Encoding.UTF8.GetBytes(text), [], out _)!).ToList();
        var readers = new[] { ReadAllAsync("avro", 1), ReadAllAsync("avro", 4) };
        await EvolveAsync("avro", "AVRO", AvroVersions, (version, id) => [0, 0, 0, 0, (byte)(version + 1), .. Avro(version, id)]);
        foreach (var (reader, version) in readers.Zip((int[])[1, 4]))
        {
            var payloads = await reader;
            Assert.All(payloads, payload =>
            {
                Assert.Equal([0, 0, 0, 0, (byte)version], payload[..5]);
                Assert.Null(AvroWalk.Check(schemas[version - 1], payload.AsSpan(5)));
            });
            Assert.Equal(Ids(), payloads.Select(payload => JsonDocument.Parse(AvroToJson.Convert(schemas[version - 1], payload.AsMemory(5))!).RootElement)
                .Select(order => order.GetProperty(version == 4 ? "number" : "id").GetString()!).Order(StringComparer.Ordinal));
        }

        await Eventually.HoldsAsync(async () => (await BrowseAsync("second")).Count == 4 * PerVersion, "the flow has them all");
        Assert.All(await BrowseAsync("second"), one => Assert.Null(AvroWalk.Check(schemas[1], one.GetProperty("data_base64").GetBytesFromBase64().AsSpan(5))));
    }

    [Fact]
    public async Task A_json_topic_goes_from_version_1_to_4_under_load_by_defaults_and_declared_names()
    {
        await PostConfigAsync("json");
        var schemas = JsonVersions.Select(text => JsonSchema.Read(Encoding.UTF8.GetBytes(text), new JsonSchemaOptions { Default = Draft.Seven }, out _)!).ToList();
        var readers = new[] { ReadAllAsync("json", 1), ReadAllAsync("json", 4) };
        await EvolveAsync("json", "JSON", JsonVersions, (version, id) => Encoding.UTF8.GetBytes(Json(version, id)));
        foreach (var (reader, version) in readers.Zip((int[])[1, 4]))
        {
            var payloads = await reader;
            Assert.All(payloads, payload => Assert.Empty(schemas[version - 1].Check(payload)));
            var orders = payloads.Select(payload => JsonDocument.Parse(payload).RootElement).ToList();
            Assert.Equal(Ids(), orders.Select(order => order.GetProperty("id").GetString()!).Order(StringComparer.Ordinal));
            Assert.All(orders, order => Assert.Equal("7", order.GetProperty(version == 4 ? "sum" : "total").ToString()));
        }

        await Eventually.HoldsAsync(async () => (await BrowseAsync("third")).Count == 4 * PerVersion, "the flow has them all");
        Assert.All(await BrowseAsync("third"), one => Assert.Empty(schemas[2].Check(Payload(one))));
    }

    [Fact]
    public async Task What_cannot_be_read_as_a_version_goes_to_the_dead_letters_and_a_version_that_is_not_there_is_told()
    {
        await PostConfigAsync("json");
        await RegisterAsync("json", """{"type":"object"}""", "JSON");
        await PublishAsync("json", "{\"other\":1}"u8.ToArray(), "m");
        await RegisterAsync("json", """{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}""", "JSON");
        var (_, lent) = await PostAsync("/api/v1/topics/json/groups/g/fetch", """{"waitMs":2000,"schemaVersion":2}""", "application/json");
        Assert.Empty(lent.GetProperty("messages").EnumerateArray());
        var dead = (await GetAsync("/api/v1/dead?flow=g")).GetProperty("deadLetters")[0].GetProperty("detail").GetString();
        Assert.Contains("contract.unreadable: it cannot be read as version 2", dead, StringComparison.Ordinal);
        AssertProblem(HttpStatusCode.BadRequest, "request.parameter-invalid", await PostAsync("/api/v1/topics/second/groups/g/fetch", """{"schemaVersion":2}""", "application/json"));
        AssertProblem(HttpStatusCode.BadRequest, "request.parameter-invalid", await PostAsync("/api/v1/topics/json/groups/g/fetch", """{"schemaVersion":9}""", "application/json"));
    }

    [Theory]
    [InlineData("\"int\"", "\"double\"", new byte[] { 14 }, new byte[] { 0, 0, 0, 0, 0, 0, 28, 64 })]
    [InlineData("\"string\"", "[\"null\",\"bytes\"]", new byte[] { 2, 97 }, new byte[] { 2, 2, 97 })]
    [InlineData("[\"null\",\"long\"]", "\"long\"", new byte[] { 2, 14 }, new byte[] { 14 })]
    [InlineData("[\"null\",\"long\"]", "\"long\"", new byte[] { 0 }, null)]
    [InlineData("""{"type":"enum","name":"E","symbols":["a","b"]}""", """{"type":"enum","name":"E","symbols":["c","b"],"default":"c"}""", new byte[] { 0 }, new byte[] { 0 })]
    [InlineData("""{"type":"array","items":"int"}""", """{"type":"array","items":"long"}""", new byte[] { 3, 4, 2, 4, 0 }, new byte[] { 4, 2, 4, 0 })]
    [InlineData(
        """{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"int"}]}""",
        """{"type":"record","name":"R","fields":[{"name":"b","type":"long"},{"name":"n","type":["null","string"],"default":null},{"name":"a","type":"string"}]}""",
        new byte[] { 2, 97, 14 },
        new byte[] { 14, 0, 2, 97 })]
    public void Avro_is_written_as_the_reader_wants_it(string writer, string reader, byte[] data, byte[]? expected)
    {
        var transcoder = new AvroTranscoder(AvroReading.Read(Encoding.UTF8.GetBytes(reader), [], out _)!, AvroReading.Read(Encoding.UTF8.GetBytes(writer), [], out _)!);
        Assert.Equal(expected, transcoder.Convert(data, out var problem));
        Assert.Equal(expected is null, problem is not null);
    }

    [Theory]
    [InlineData("""{"a":[{"x":1}],"b":{"old":"7"}}""", """{"a":[{"x":"1"}],"b":{"new":7}}""")]
    [InlineData("""{"a":null,"extra":18446744073709551616}""", """{"a":[],"extra":18446744073709551616,"b":{"new":0}}""")]
    public void Json_is_projected_in_lists_and_parts_too(string document, string expected)
    {
        var target = Shape("""
            {"type":"object","properties":{"a":{"type":"array","default":[],"items":{"type":"object","properties":{"x":{"type":"string"}}}},
              "b":{"type":"object","default":{"new":0},"properties":{"new":{"type":"integer","aliases":["old"]}}}}}
            """);
        var read = new JsonProjection(target, [target]).Convert(Encoding.UTF8.GetBytes(document))!.Value;
        Assert.Equal(expected, Encoding.UTF8.GetString(read.Span));
        Assert.Equal(read, new JsonProjection(target, [target]).Convert(read)!.Value);
    }

    private static JsonShape Shape(string text) => JsonShape.Of(text, new JsonSchemaOptions());

    private static IEnumerable<string> Ids() => Enumerable.Range(0, 4 * PerVersion).Select(Id).Order(StringComparer.Ordinal);

    private static string Id(int number) => "o" + number.ToString(CultureInfo.InvariantCulture);

    private static byte[] Avro(int version, string id)
    {
        byte[] text = [(byte)(id.Length * 2), .. Encoding.UTF8.GetBytes(id)];
        return version switch
        {
            0 => [.. text, 14],
            1 => [.. text, 14, 2, 2, (byte)'n'],
            _ => [6, (byte)'U', (byte)'S', (byte)'D', .. text, 14],
        };
    }

    private static string Json(int version, string id) => version switch
    {
        0 => $$"""{"id":"{{id}}","total":7}""",
        1 => $$"""{"id":"{{id}}","total":7,"note":"n"}""",
        2 => $$"""{"id":"{{id}}","sum":7,"currency":"USD"}""",
        _ => $$"""{"id":"{{id}}","sum":"7","currency":"USD"}""",
    };

    /// <summary>Producers of all versions there are write at once; the next version comes while they do.</summary>
    private async Task EvolveAsync(string topic, string type, string[] versions, Func<int, string, byte[]> make)
    {
        var number = 0;
        var writers = new List<Task>();
        for (var version = 0; version < versions.Length; version++)
        {
            await RegisterAsync(topic, versions[version], type);
            var (mine, from) = (version, number);
            number += PerVersion;
            writers.Add(Task.Run(async () =>
            {
                for (var i = 0; i < PerVersion; i++)
                {
                    // A JSON message names no version, so once a newer one is registered an older producer's message has to say what it is written with.
                    var payload = make(mine, Id(from + i));
                    await PublishAsync(topic, type == "JSON" ? [0, 0, 0, 0, (byte)(mine + 1), .. payload] : payload, Id(from + i));
                }
            }, Cancel));
        }

        await Task.WhenAll(writers);
    }

    private async Task<List<byte[]>> ReadAllAsync(string topic, int version)
    {
        var read = new List<byte[]>();
        await Eventually.HoldsAsync(
            async () =>
            {
                var (status, lent) = await PostAsync($"/api/v1/topics/{topic}/groups/v{version}/fetch", $$"""{"max":200,"waitMs":20,"schemaVersion":{{version}}}""", "application/json");
                if (status != HttpStatusCode.OK)
                {
                    return false;
                }

                var messages = lent.GetProperty("messages").EnumerateArray().ToList();
                if (messages.Count > 0)
                {
                    read.AddRange(messages.Select(one => Payload(one.GetProperty("event"))));
                    var leases = JsonSerializer.Serialize(messages.Select(one => one.GetProperty("lease").GetString()));
                    await PostAsync($"/api/v1/topics/{topic}/groups/v{version}/ack", $$"""{"leases":{{leases}}}""", "application/json");
                }

                return read.Count >= 4 * PerVersion;
            },
            $"all of {topic} was read as version {version}");
        return read;
    }

    private static byte[] Payload(JsonElement message)
    {
        var payload = message.GetProperty("data_base64").GetBytesFromBase64();
        return payload[5] == '{' ? payload[5..] : payload;
    }

    private async Task PublishAsync(string topic, byte[] payload, string id)
    {
        var type = payload[0] == '{' ? "application/json" : "application/octet-stream";
        var (status, answer) = await PostAsync($"/api/v1/topics/{topic}/messages", payload, type, ("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", "/test"), ("ce-type", "order"));
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
    }

    private async Task PostConfigAsync(string subject)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/registry/config/{subject}") { Content = new StringContent("""{"compatibility":"NONE"}""", Encoding.UTF8, "application/json") };
        using var response = await Http.SendAsync(request, Cancel);
        Assert.True(response.IsSuccessStatusCode);
    }

    private async Task RegisterAsync(string subject, string schema, string type)
    {
        var (status, answer) = await PostAsync($"/registry/subjects/{subject}/versions", $$"""{"schema":{{JsonSerializer.Serialize(schema)}},"schemaType":"{{type}}"}""", "application/json");
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
    }
}
