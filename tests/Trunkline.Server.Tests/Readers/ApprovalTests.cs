using System.Net;
using System.Text.Json;
using Trunkline.Server.Tests.Api;
using Trunkline.Server.Tests.Configuration;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Readers;

/// <summary>Where policies say <c>breaking: approved</c>, a schema that breaks readers is registered only with their owners' approval; and topics tell of their end.</summary>
public sealed class ApprovalTests : ApiTest
{
    private const string Before = """{"type":"object","required":["id","total"],"properties":{"id":{"type":"string"},"total":{"type":"integer"}},"additionalProperties":false}""";
    private const string After = """{"type":"object","required":["id"],"properties":{"id":{"type":"string"}},"additionalProperties":false}""";

    protected override InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Project = Projects.Valid("""
            policies: { breaking: approved }
            owners: { finance: {}, desk: {} }
            topics:
              orders: { subject: orders, owner: desk, readers: { billing: { fields: [total], owner: finance }, board: { fields: [total] } } }
              old: { deprecated: { sunset: 2027-03-31, use: orders } }
            """),
    };

    [Fact]
    public async Task A_schema_that_breaks_readers_waits_for_the_approval_of_all_their_owners()
    {
        await RegisterAsync(Before, HttpStatusCode.OK);
        await PutAsync("/registry/config/orders", """{"compatibility":"NONE"}""");
        var refused = await RegisterAsync(After, HttpStatusCode.Conflict);
        Assert.Equal(40901, refused.GetProperty("error_code").GetInt32());
        Assert.Contains("group billing (owner finance): 'total' is removed", refused.GetProperty("message").GetString(), StringComparison.Ordinal);
        await ApproveAsync("finance", HttpStatusCode.Created);
        Assert.DoesNotContain("billing", (await RegisterAsync(After, HttpStatusCode.Conflict)).GetProperty("message").GetString(), StringComparison.Ordinal);

        // Nobody is named for the other reader: the topic's owner answers.
        await ApproveAsync("desk", HttpStatusCode.Created);
        await RegisterAsync(After, HttpStatusCode.OK);
        await ApproveAsync("nobody", HttpStatusCode.BadRequest);
        var changes = (await GetAsync("/api/v1/changes")).GetProperty("changes").EnumerateArray().Take(2);
        Assert.Equal([("register-schema", null), ("approve-contract", "desk")], changes.Select(change => (change.GetProperty("what").GetString(), change.GetProperty("to").GetString())));
        AssertProblem(HttpStatusCode.BadRequest, "change.invalid", await PostAsync("/api/v1/changes", """{"what":"approve-contract","target":"x","to":"finance"}""", "application/json"));
    }

    [Fact]
    public async Task Who_uses_a_topic_that_comes_to_its_end_is_told()
    {
        using var response = await Http.GetAsync("/api/v1/topics/old/messages", Cancel);
        Assert.Equal("Wed, 31 Mar 2027 23:59:59 GMT", Assert.Single(response.Headers.GetValues("Sunset")));
        Assert.Equal("</api/v1/topics/orders>; rel=\"successor-version\"", Assert.Single(response.Headers.GetValues("Link")));
        Assert.Equal("2027-03-31", (await GetAsync("/api/v1/topics/old")).GetProperty("sunset").GetString());
        using var other = await Http.GetAsync("/api/v1/topics/orders/messages", Cancel);
        Assert.False(other.Headers.Contains("Sunset"));
    }

    private async Task ApproveAsync(string owner, HttpStatusCode expected) => Assert.Equal(
        expected,
        (await PostAsync("/api/v1/contracts/approvals", JsonSerializer.Serialize(new { subject = "orders", schema = After.Replace(",", ", ", StringComparison.Ordinal), owner, reason = "moved" }), "application/json")).Status);

    private async Task PutAsync(string path, string body)
    {
        using var response = await Http.PutAsync(new Uri(path, UriKind.Relative), new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancel);
        Assert.True(response.IsSuccessStatusCode);
    }

    private async Task<JsonElement> RegisterAsync(string schema, HttpStatusCode expected)
    {
        var (status, answer) = await PostAsync("/registry/subjects/orders/versions", $$"""{"schema":{{JsonSerializer.Serialize(schema)}},"schemaType":"JSON"}""", "application/json");
        Assert.True(status == expected, answer.ToString());
        return answer;
    }
}
