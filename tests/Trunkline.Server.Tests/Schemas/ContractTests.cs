using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Api;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Topics that name a subject: what is published has to fit, or is counted.</summary>
public sealed class ContractTests : ApiTest
{
    private const string Json = """{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"size":{"type":"integer"}},"additionalProperties":false}""";
    private const string Avro = """{"type":"record","name":"Mail","fields":[{"name":"id","type":"string"}]}""";

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Project = new ProjectConfig
        {
            Topics = new Dictionary<string, TopicConfig>
            {
                ["strict"] = new() { Settings = new TopicSettings { Name = "strict" }, Subject = "mail" },
                ["lenient"] = new() { Settings = new TopicSettings { Name = "lenient" }, Subject = "mail", Contract = ContractPolicy.Observe },
            },
        },
    };

    [Fact]
    public async Task Until_a_schema_is_registered_everything_fits() =>
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/v1/topics/strict/messages", "7", "application/json")).Status);

    [Fact]
    public async Task A_request_with_a_message_that_does_not_fit_is_refused_with_every_place_and_stores_nothing()
    {
        await RegisterAsync(Json, "JSON");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/v1/topics/strict/messages", """{"id":"a","size":1}""", "application/json")).Status);
        var (status, problem) = await PostAsync("/api/v1/topics/strict/messages", "{\"id\":\"a\"}\n{\"size\":\"secret\",\"more\":1}\n", "application/x-ndjson");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("contract.violated", problem.GetProperty("code").GetString());
        Assert.Equal(
            ["1 /size type", "1 /more ", "1  required"],
            problem.GetProperty("violations").EnumerateArray().Select(one => $"{one.GetProperty("message")} {one.GetProperty("at").GetString()} {one.GetProperty("keyword").GetString()}"));
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
        Assert.Single(await BrowseAsync("strict"));
    }

    [Fact]
    public async Task What_is_observed_is_taken_and_counted()
    {
        await RegisterAsync(Json, "JSON");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/v1/topics/lenient/messages", "7", "application/json")).Status);
        Assert.Single(await BrowseAsync("lenient"));
        Assert.Contains("trunkline_contract_violations_total{", await Http.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wire_format_of_confluent_names_the_schema_and_comes_back_byte_for_byte()
    {
        var id = await RegisterAsync(Avro, "AVRO");
        Assert.Equal(HttpStatusCode.OK, await PublishAsync("m1", [0, 0, 0, 0, (byte)id, 2, (byte)'a']));
        Assert.Equal(HttpStatusCode.OK, await PublishAsync("m2", [2, (byte)'a'], "avro/binary"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PublishAsync("m3", [0, 0, 0, 0, (byte)id, 9, (byte)'a']));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PublishAsync("m4", [0, 0, 0, 0, 99, 2, (byte)'a']));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PublishAsync("m5", Encoding.UTF8.GetBytes("""{"id":"a"}"""), "application/json"));
        var stored = await BrowseAsync("strict");
        Assert.Equal(2, stored.Count);
        var first = stored.Single(one => one.GetProperty("id").GetString() == "m1");
        Assert.Equal([0, 0, 0, 0, (byte)id, 2, (byte)'a'], first.GetProperty("data_base64").GetBytesFromBase64());
    }

    [Fact]
    public async Task Protobuf_payloads_are_held_to_the_message_their_indexes_name()
    {
        var id = (byte)await RegisterAsync("syntax=\"proto3\"; message Other { } message Mail { string id = 1; message Part { int32 n = 1; } }", "PROTOBUF");
        Assert.Equal(HttpStatusCode.OK, await PublishAsync("p1", [0, 0, 0, 0, id, 2, 2, 10, 1, (byte)'a']));
        Assert.Equal(HttpStatusCode.OK, await PublishAsync("p2", [0, 0, 0, 0, id, 4, 2, 0, 8, 5, 16, 7]));
        Assert.Equal(HttpStatusCode.OK, await PublishAsync("p3", [0, 0, 0, 0, id, 0]));
        Assert.Equal(HttpStatusCode.OK, await PublishAsync("p4", [10, 1, (byte)'a'], "application/protobuf"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PublishAsync("p5", [0, 0, 0, 0, id, 2, 2, 10, 9, (byte)'a']));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PublishAsync("p6", [0, 0, 0, 0, id, 2, 2, 8, 1]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PublishAsync("p7", [0, 0, 0, 0, id, 2, 6]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PublishAsync("p8", [0, 0, 0, 0, id]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PublishAsync("p9", Encoding.UTF8.GetBytes("""{"id":"a"}"""), "application/json"));
        Assert.Equal(4, (await BrowseAsync("strict")).Count);
    }

    private async Task<HttpStatusCode> PublishAsync(string id, byte[] payload, string type = "application/octet-stream") => (await PostAsync(
        "/api/v1/topics/strict/messages", payload, type, ("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", "/test"), ("ce-type", "mail"))).Status;

    private async Task<int> RegisterAsync(string schema, string type)
    {
        var (status, answer) = await PostAsync("/registry/subjects/mail/versions", $$"""{"schema":{{JsonSerializer.Serialize(schema)}},"schemaType":"{{type}}"}""", "application/json");
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
        return answer.GetProperty("id").GetInt32();
    }
}
