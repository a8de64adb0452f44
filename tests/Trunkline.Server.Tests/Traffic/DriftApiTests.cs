using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Server.Tests.Api;
using Trunkline.Server.Tests.Configuration;
using Trunkline.Server.Tests.Flows;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Traffic;

/// <summary>Drift on a running node: read along, told over the API and in a topic, learned anew.</summary>
public sealed class DriftApiTests : ApiTest
{
    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Project = Projects.Valid("""
            owners: { desk: { email: desk@example.com } }
            topics: { raw: { partitions: 2 }, sorted: { partitions: 1, owner: desk, subject: sorted } }
            flows: { sort: { from: { topic: raw }, to: { topic: sorted }, owner: desk } }
            """),
    };

    [Fact]
    public async Task A_field_that_changes_in_what_a_flow_writes_is_told_with_the_flow_and_its_owner()
    {
        await PublishAsync(1200, "7");
        await Eventually.HoldsAsync(async () => (await ProducersAsync()).Any(one => one.GetProperty("learned").GetBoolean()), "what is usual is known");
        await PublishAsync(800, "\"secret\"");
        JsonElement alarm = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                var alarms = (await GetAsync("/api/v1/topics/sorted/drift")).GetProperty("alarms");
                return alarms.GetArrayLength() == 1 && (alarm = alarms[0]).ValueKind == JsonValueKind.Object;
            },
            "the alarm is told");
        Assert.Equal(
            ("retyped", "total", "flow sort", "desk", "\"aaaaaa\""),
            (Text("kind"), Text("field"), Text("producer"), Text("owner"), Text("example")));
        Assert.DoesNotContain("secret", alarm.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(await BrowseAsync("trunkline.drift"), one => one.GetProperty("data").GetProperty("field").GetString() == "total");
        Assert.Contains("trunkline_drift_alarms_total{", await Http.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
        var (status, closed) = await PostAsync("/api/v1/topics/sorted/drift/learn", "", null);
        Assert.Equal((HttpStatusCode.OK, 1), (status, closed.GetProperty("closed").GetInt32()));
        AssertProblem(HttpStatusCode.NotFound, "topic.not-found", await PostAsync("/api/v1/topics/none/drift/learn", "", null));

        string? Text(string name) => alarm.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Avro_is_looked_into_and_a_schema_is_proposed_from_it()
    {
        const string Schema = """{"type":"record","name":"M","fields":[{"name":"id","type":"string"},{"name":"note","type":["null","string"],"default":null}]}""";
        await PostAsync("/registry/subjects/sorted/versions", $$"""{"schema":{{JsonSerializer.Serialize(Schema)}}}""", "application/json");
        byte[] message = [0, 0, 0, 0, 1, 2, (byte)'a', 0];
        var (status, answer) = await PostAsync("/api/v1/topics/sorted/messages", message, "application/octet-stream", ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/shop"), ("ce-type", "m"));
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
        await Eventually.HoldsAsync(async () => (await ProducersAsync()).Any(), "it was read");
        var producer = (await ProducersAsync()).Single();
        Assert.Equal(("/shop", 2, "version 1"), (producer.GetProperty("producer").GetString(), producer.GetProperty("fields").GetInt32(), producer.GetProperty("versions")[0].GetProperty("version").GetString()));
        var inferred = (await GetAsync("/api/v1/topics/sorted/schema?format=avro")).GetProperty("schema").GetString()!;
        Assert.Contains("\"name\": \"Sorted\"", inferred, StringComparison.Ordinal);
        Assert.Contains("\"note\"", inferred, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<JsonElement>> ProducersAsync() => (await GetAsync("/api/v1/topics/sorted/drift")).GetProperty("producers").EnumerateArray();

    private async Task PublishAsync(int count, string total)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            lines.Append("{\"id\":\"a\",\"total\":").Append(total).Append("}\n");
        }

        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/v1/topics/raw/messages", lines.ToString(), "application/x-ndjson")).Status);
    }
}
