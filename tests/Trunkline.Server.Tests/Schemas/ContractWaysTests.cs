using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Server.Tests.Api;
using Trunkline.Server.Tests.Configuration;
using Trunkline.Server.Tests.Flows;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Every way into a topic that names a subject: published, made by a flow, handed in over HTTP, redriven; and on the way out of one that others write to.</summary>
public sealed class ContractWaysTests : ApiTest
{
    private const string Schema = """{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"size":{"type":"integer"}}}""";
    private const string Good = """{"id":"a","size":1}""";
    private const string Bad = """{"size":"secret"}""";

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Project = Projects.Valid("""
            topics:
              raw: {}
              plain: {}
              strict: { subject: mail }
              aside: { subject: mail, contract: dead-letter, partitions: 1 }
              shared: { subject: later, checkReads: true }
            flows:
              keep: { from: { topic: raw }, to: [ { topic: strict }, { topic: plain } ] }
              sort: { from: { http: /sort }, to: [ { topic: aside }, { topic: plain } ] }
              take: { from: { topic: shared }, to: { topic: plain } }
            """),
    };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await RegisterAsync("mail");
    }

    [Fact]
    public async Task What_a_flow_makes_for_a_strict_topic_fails_its_message_which_reaches_no_topic_and_is_not_lost()
    {
        await PublishAsync("raw", Bad);
        await PublishAsync("raw", Good);
        var dead = await DeadAsync("keep");
        Assert.Equal(("contract.violated", "strict"), (dead.GetProperty("cause").GetString(), dead.GetProperty("step").GetString()));
        Assert.Contains("/size", dead.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", dead.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await HoldsAsync("strict", Good);
        await HoldsAsync("plain", Good);
    }

    [Fact]
    public async Task Where_the_policy_is_dead_letter_only_that_output_goes_aside()
    {
        var (status, answer) = await PostAsync("/in/sort", Bad, "application/json");
        Assert.Equal((HttpStatusCode.OK, "dead-lettered"), (status, answer.GetProperty("outcome").GetString()));
        await HoldsAsync("plain", Bad);
        Assert.Empty(await BrowseAsync("aside"));
        var dead = await DeadAsync("aside");
        Assert.Equal("contract.violated", dead.GetProperty("cause").GetString());
        Assert.Contains("subject 'mail'", dead.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_divided_between_the_topic_and_its_dead_letters_in_one_unit()
    {
        var (status, answer) = await PostAsync("/api/v1/topics/aside/messages", $"{Good}\n{Bad}\n{Good}\n", "application/x-ndjson");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            ["0 False", "0 True", "1 False"],
            answer.GetProperty("messages").EnumerateArray().Select(one => $"{one.GetProperty("offset").GetInt64()} {one.TryGetProperty("deadLettered", out _)}"));
        Assert.Equal(2, (await BrowseAsync("aside")).Count);
        Assert.Contains("outcome=\"dead-lettered\"", await Http.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_letter_of_a_topic_goes_in_once_it_fits_and_is_dealt_with_once()
    {
        await PublishAsync("aside", Bad);
        await DeadAsync("aside");
        Assert.Equal("failed-again", await RedriveAsync(0));
        Assert.Equal("redriven", await RedriveAsync(1, Good));
        Assert.Equal("already-done", await RedriveAsync(1));
        var stored = Assert.Single(await BrowseAsync("aside"));
        Assert.Equal(Good, stored.GetProperty("data").GetRawText());
        Assert.DoesNotContain("tlcontract", stored.GetRawText().Replace("-", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_others_wrote_is_checked_before_a_flow_and_before_a_group_gets_it()
    {
        // Nothing is registered under its subject yet, so anything gets in, as from another program.
        await PostAsync("/api/v1/flows/take/pause", "", null);
        await PublishAsync("shared", Bad);
        await PublishAsync("shared", Good);
        await RegisterAsync("later");
        await PostAsync("/api/v1/flows/take/resume", "", null);
        await HoldsAsync("plain", Good);
        Assert.Equal("contract.violated", (await DeadAsync("take")).GetProperty("cause").GetString());
        var (_, lent) = await PostAsync("/api/v1/topics/shared/groups/g/fetch", """{"max":10,"waitMs":2000}""", "application/json");
        Assert.Equal(Good, Assert.Single(lent.GetProperty("messages").EnumerateArray()).GetProperty("event").GetProperty("data").GetRawText());
        Assert.Contains("contract.violated", (await DeadAsync("g")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task RegisterAsync(string subject)
    {
        var (status, answer) = await PostAsync($"/registry/subjects/{subject}/versions", $$"""{"schema":{{JsonSerializer.Serialize(Schema)}},"schemaType":"JSON"}""", "application/json");
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
    }

    private async Task PublishAsync(string topic, string payload) =>
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/api/v1/topics/{topic}/messages", payload, "application/json")).Status);

    private async Task<string?> RedriveAsync(int offset, string? payload = null)
    {
        var body = payload is null ? "{}" : $$"""{"payloadBase64":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(payload))}}"}""";
        var (_, answer) = await PostAsync($"/api/v1/dead/aside/0/{offset}/redrive", body, "application/json");
        return answer.GetProperty("outcome").GetString();
    }

    private Task HoldsAsync(string topic, string payload) => Eventually.HoldsAsync(
        async () => (await BrowseAsync(topic)) is [var only] && only.GetProperty("data").GetRawText() == payload, $"{topic} holds one message, {payload}");

    private async Task<JsonElement> DeadAsync(string owner)
    {
        JsonElement found = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                using var response = await Http.GetAsync($"/api/v1/dead?flow={owner}", Cancel);
                var list = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement;
                return list.TryGetProperty("deadLetters", out var letters) && letters.GetArrayLength() == 1 && (found = letters[0]).ValueKind == JsonValueKind.Object;
            },
            $"{owner} has one dead letter");
        return found;
    }
}
