using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Messaging.Topics;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Api;

public sealed class GroupTests : ApiTest
{
    private const string Group = "/api/v1/topics/in/groups/mine";
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-01-31T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    protected override InProcessNodeOptions Options() => new() { Time = _time, Logs = new TestLogs(), Topics = [new TopicSettings { Name = "in" }] };

    [Fact]
    public async Task What_is_acknowledged_does_not_come_again_and_what_is_not_does()
    {
        await PublishAsync("a", "b");
        var first = await FetchAsync("{}");
        Assert.Equal(2, first.Count);
        Assert.Empty(await FetchAsync("{}"));
        var (status, acked) = await PostAsync(Group + "/ack", Leases(first[0]), "application/json");
        Assert.Equal((HttpStatusCode.OK, 1), (status, acked.GetProperty("done").GetArrayLength()));
        _time.Advance(TimeSpan.FromSeconds(31));
        var second = Assert.Single(await FetchAsync("{}"));
        Assert.Equal(first[1].GetProperty("event").GetProperty("id").GetString(), second.GetProperty("event").GetProperty("id").GetString());
        Assert.Equal(2, second.GetProperty("attempt").GetInt32());
        var (_, late) = await PostAsync(Group + "/ack", Leases(first[1]), "application/json");
        Assert.Equal(1, late.GetProperty("expired").GetArrayLength());
    }

    [Fact]
    public async Task Messages_of_a_key_come_one_after_the_other()
    {
        await PostAsync("/api/v1/topics/in/messages", "1\n2", "application/x-ndjson", ("Trunkline-Key", "k"));
        var first = Assert.Single(await FetchAsync("{}"));
        await PostAsync(Group + "/nack", Leases(first), "application/json");
        var again = Assert.Single(await FetchAsync("{}"));
        Assert.Equal("1", again.GetProperty("event").GetProperty("data").GetRawText());
        await PostAsync(Group + "/ack", Leases(again), "application/json");
        Assert.Equal("2", Assert.Single(await FetchAsync("{}")).GetProperty("event").GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_lease_that_is_extended_holds_on()
    {
        await PublishAsync("a");
        var lent = Assert.Single(await FetchAsync("""{"max":1,"leaseMs":60000}"""));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(1), lent.GetProperty("expiresAt").GetDateTimeOffset());
        _time.Advance(TimeSpan.FromSeconds(59));
        await PostAsync(Group + "/extend", Leases(lent, ",\"leaseMs\":60000"), "application/json");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(await FetchAsync("{}"));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Single(await FetchAsync("{}"));
    }

    [Fact]
    public async Task Lag_shows_on_the_topic()
    {
        await PublishAsync("a", "b", "c");
        await PostAsync(Group + "/ack", Leases((await FetchAsync("""{"max":1}""")).Single()), "application/json");
        var group = Assert.Single((await GetAsync("/api/v1/topics/in")).GetProperty("groups").EnumerateArray());
        Assert.Equal(("mine", 2L), (group.GetProperty("group").GetString(), group.GetProperty("lag").GetInt64()));
    }

    [Theory]
    [InlineData("/api/v1/topics/in/groups/flow.x/fetch", "{}", HttpStatusCode.Forbidden, "group.reserved")]
    [InlineData("/api/v1/topics/in/groups/a%2Fb/fetch", "{}", HttpStatusCode.BadRequest, "group.name-invalid")]
    [InlineData("/api/v1/topics/none/groups/mine/fetch", "{}", HttpStatusCode.NotFound, "topic.not-found")]
    [InlineData(Group + "/fetch", """{"max":0}""", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData(Group + "/fetch", """{"waitMs":999999}""", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData(Group + "/fetch", """{"start":"middle"}""", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData(Group + "/fetch", """{"max":"many"}""", HttpStatusCode.BadRequest, "request.body-invalid")]
    [InlineData(Group + "/ack", """{"leases":["x"]}""", HttpStatusCode.BadRequest, "lease.invalid")]
    [InlineData(Group + "/ack", """{"leases":[]}""", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData(Group + "/ack", """{}""", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData(Group + "/ack", """{"leases":[null]}""", HttpStatusCode.BadRequest, "lease.invalid")]
    [InlineData(Group + "/ack", """{""", HttpStatusCode.BadRequest, "request.body-invalid")]
    public async Task Wrong_requests_are_told(string path, string body, HttpStatusCode status, string code) =>
        AssertProblem(status, code, await PostAsync(path, body, "application/json"));

    private async Task PublishAsync(params string[] keys)
    {
        foreach (var key in keys)
        {
            Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/v1/topics/in/messages", "1", "application/json", ("Trunkline-Key", key))).Status);
        }
    }

    // What was published is handed to the group by a pump of its own: asks until something is there, or nothing stirs.
    private async Task<List<JsonElement>> FetchAsync(string request)
    {
        var (status, body) = await PostAsync(Group + "/fetch", request, "application/json");
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. body.GetProperty("messages").EnumerateArray()];
    }

    private static string Leases(JsonElement lent, string more = "") => $$"""{"leases":["{{lent.GetProperty("lease").GetString()}}"]{{more}}}""";
}
