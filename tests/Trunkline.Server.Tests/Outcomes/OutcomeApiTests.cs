using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Outcomes;

/// <summary>Outcomes, later facts and fidelity over HTTP, also after a restart.</summary>
public sealed class OutcomeApiTests : IAsyncLifetime
{
    private const string Project = """
        topics: { in: { partitions: 2, dedupeWindow: 0s }, out: { partitions: 1 } }
        flows:
          answer:
            from: { topic: in }
            steps: [ { parse: json }, { filter: message.n.value >= 0 } ]
            to: { topic: out }
            slo: { within: 1h }
        """;

    private readonly NodeFixture _node = new("outcomes", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task What_became_of_a_message_is_found_by_id_and_key_with_the_facts_told_before_and_after_it_also_after_a_restart()
    {
        // The fact is there before the message.
        Assert.False((await TellAsync("""{"factId":"e1","fact":"read","id":"m 1/ü"}""")).Facts[0].Duplicate);
        await PublishAsync("m 1/ü", "ada", """{"n":{"value":1}}""");
        await PublishAsync("m2", "ada", """{"n":{"value":-1}}""");
        await PublishAsync("m3", "bob", """{"n":null}""");
        var found = await FoundAsync("id=" + Uri.EscapeDataString("m 1/ü"), 1);
        var outcome = Assert.Single(found.Outcomes);
        Assert.Equal(("answer", "m 1/ü", "ada", "acme", "delivered", 1, 1), (outcome.Flow, outcome.Id, outcome.Key, outcome.Tenant, outcome.State, outcome.Attempts, outcome.Deliveries));
        var sink = Assert.Single(outcome.Sinks);
        var stored = (await _node.Http.GetFromJsonAsync<MessagesPage>("/api/v1/topics/out/messages", Cancel))!.Messages[0];
        Assert.Equal(("out", stored.Id, "delivered"), (sink.Sink, sink.Receipt, sink.State));
        Assert.Equal("read", Assert.Single(outcome.Facts).Fact);

        await TellAsync(
            $"[{{\"fact\":\"converted\",\"key\":\"ada\"}},{{\"factId\":\"e2\",\"fact\":\"rated\",\"receipt\":\"{sink.Receipt}\",\"value\":4.5}},{{\"fact\":\"bounced\",\"id\":\"other\"}}]");
        await _node.StopAsync();
        await _node.StartAsync();

        Assert.True((await TellAsync("""{"factId":"e1","fact":"read","id":"m 1/ü"}""")).Facts[0].Duplicate);
        var again = Assert.Single((await _node.Http.GetFromJsonAsync<OutcomeList>("/api/v1/outcomes/" + Uri.EscapeDataString("m 1/ü"), Cancel))!.Outcomes);
        Assert.Equal(["converted", "rated", "read"], again.Facts.Select(fact => fact.Fact).Order());
        Assert.Equal(4.5, again.Facts.Single(fact => fact.Fact == "rated").Value);
        var byKey = await FoundAsync("key=ada", 2);
        Assert.Equal(["delivered", "filtered"], byKey.Outcomes.Select(one => one.State));
        Assert.Equal(("dead-lettered", "step.expression-failed"), ((await FoundAsync("id=m3", 1)).Outcomes[0].State, (await FoundAsync("id=m3", 1)).Outcomes[0].Cause));
    }

    [Fact]
    public async Task Fidelity_is_told_per_flow_and_tenant()
    {
        await PublishAsync("m1", "ada", """{"n":{"value":1}}""");
        await PublishAsync("m1", "ada", """{"n":{"value":1}}""");
        await PublishAsync("m2", "bob", """{"n":{"value":1}}""", tenant: null);
        await PublishAsync("m3", "bob", """{"n":null}""", tenant: null);
        await FoundAsync("id=m3", 1);
        await FoundAsync("id=m2", 1);
        await Eventually.HoldsAsync(async () => (await FidelityAsync("?flow=answer")).Flows is [{ All.Doubled: 1 }], "the double is seen");
        var flow = Assert.Single((await FidelityAsync("?since=1h")).Flows);
        Assert.Equal(("answer", 3_600_000d, 3L, 1L, 1L), (flow.Flow, flow.Within, flow.All.Due, flow.All.Doubled, flow.All.NotDelivered));
        Assert.Equal((1 - (2 / 3d), 1 - (1 / 3d), 1 - (1 / 3d), 1d, 1d, 1d), (flow.All.Fidelity, flow.All.Delivered, flow.All.Once, flow.All.InOrder, flow.All.InTime, flow.All.Intended));
        Assert.Equal(["", "acme"], flow.Tenants.Select(tenant => tenant.Tenant));
        Assert.Equal((1L, 0d), (flow.Tenants[1].Figures.Due, flow.Tenants[1].Figures.Fidelity));
        using var none = await _node.Http.GetAsync("/api/v1/fidelity?flow=nobody", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using var far = await _node.Http.GetAsync("/api/v1/fidelity?since=8d", Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, far.StatusCode);
    }

    [Theory]
    [InlineData("""{"fact":"eaten","id":"a"}""", "none of")]
    [InlineData("""{"fact":"read"}""", "exactly one")]
    [InlineData("""{"fact":"read","id":"a","key":"b"}""", "exactly one")]
    [InlineData("""{"fact":"rated","id":"a"}""", "without a value")]
    [InlineData("""{"fact":"rated","id":"a","value":"many"}""", "$.value")]
    [InlineData("""{"fact":"label","id":"a"}""", "without a label")]
    [InlineData("""{"fact":"label","id":"a","label":"a\u0007"}""", "control characters")]
    [InlineData("""{"fact":"read","id":""}""", "characters")]
    [InlineData("""{"fact":"read","id":"a","at":"2999-01-01T00:00:00Z"}""", "a day from now")]
    [InlineData("""{"id":"a"}""", "not an object")]
    [InlineData("[]", "1 to 1000")]
    [InlineData("[null]", "null")]
    [InlineData("[[]]", "not an object")]
    [InlineData("secret-payload", "not an object")]
    public async Task A_broken_fact_is_refused_with_its_place_and_without_what_was_sent(string body, string says)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _node.Http.PostAsync("/api/v1/outcomes", content, Cancel);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal(("outcome.fact-invalid", 400), (problem.GetProperty("code").GetString(), (int)answer.StatusCode));
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_are_stored_together_or_not_at_all()
    {
        using var broken = Lines("""{"fact":"read","id":"a"}""" + "\n" + """{"fact":"eaten","id":"a"}""");
        using var refused = await _node.Http.PostAsync("/api/v1/outcomes", broken, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using var whole = Lines("""{"fact":"read","id":"a"}""" + "\r\n\n" + """{"fact":"bounced","id":"a"}""" + "\n");
        using var told = await _node.Http.PostAsync("/api/v1/outcomes", whole, Cancel);
        Assert.Equal([false, false], (await told.Content.ReadFromJsonAsync<ToldFacts>(Cancel))!.Facts.Select(fact => fact.Duplicate));
    }

    [Fact]
    public async Task What_is_not_known_is_not_found_and_a_question_names_one_thing()
    {
        using var unknown = await _node.Http.GetAsync("/api/v1/outcomes/nobody", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var both = await _node.Http.GetAsync("/api/v1/outcomes?id=a&key=b", Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, both.StatusCode);
        Assert.Empty((await _node.Http.GetFromJsonAsync<OutcomeList>("/api/v1/outcomes?key=nobody", Cancel))!.Outcomes);
    }

    private static StringContent Lines(string text) => new(text, Encoding.UTF8, "application/x-ndjson");

    private Task PublishAsync(string id, string key, string json, string? tenant = "acme") => _node.PublishEventAsync("in", id, key, tenant, json);

    private async Task<ToldFacts> TellAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _node.Http.PostAsync("/api/v1/outcomes", content, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        return (await answer.Content.ReadFromJsonAsync<ToldFacts>(Cancel))!;
    }

    private async Task<OutcomeList> FoundAsync(string query, int count)
    {
        OutcomeList? found = null;
        await Eventually.HoldsAsync(
            async () => (found = await _node.Http.GetFromJsonAsync<OutcomeList>("/api/v1/outcomes?" + query, Cancel))!.Outcomes.Count == count, $"{query} finds {count}");
        return found!;
    }

    private async Task<FidelityList> FidelityAsync(string query) => (await _node.Http.GetFromJsonAsync<FidelityList>("/api/v1/fidelity" + query, Cancel))!;
}
