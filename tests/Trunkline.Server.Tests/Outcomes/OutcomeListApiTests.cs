using System.Net;
using System.Net.Http.Json;
using System.Text;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Outcomes;

/// <summary>Outcomes counted and listed over HTTP.</summary>
public sealed class OutcomeListApiTests : IAsyncLifetime
{
    private const string Project = """
        topics: { in: { partitions: 1 }, out: { partitions: 1 } }
        flows:
          answer:
            from: { topic: in }
            steps: [ { parse: json }, { filter: message.n.value >= 0 } ]
            to: { topic: out }
            retry: { attempts: 1 }
        """;

    private readonly NodeFixture _node = new("outcome-lists", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Messages_are_counted_by_outcome_and_cause_and_each_outcome_leads_to_its_messages_also_after_a_restart()
    {
        for (var n = 0; n < 12; n++)
        {
            await _node.PublishEventAsync("in", $"m{n}", "ada", null, n % 4 == 3 ? """{"n":null}""" : $$$"""{"n":{"value":{{{(n == 0 ? -1 : n)}}}}}""");
        }

        await CountedAsync(12);
        await _node.StopAsync();
        await _node.StartAsync();
        var flow = await CountedAsync(12);
        Assert.Equal(
            [("delivered", null, 8L), ("filtered", null, 1L), ("dead-lettered", "step.expression-failed", 3L)],
            flow.Outcomes.Select(one => (one.State, one.Cause, one.Messages)));
        Assert.Equal(3 / 12.0, flow.Outcomes[2].Share);

        var failed = await ListAsync("state=dead-lettered&cause=step.expression-failed");
        Assert.Equal(["m11", "m7", "m3"], failed.Outcomes.Select(one => one.Id));
        Assert.Empty((await ListAsync("state=dead-lettered&cause=flow.poison")).Outcomes);
        Assert.Equal(["m0"], (await ListAsync("state=filtered")).Outcomes.Select(one => one.Id));

        var found = new List<string>();
        for (var page = await ListAsync("state=delivered&limit=3"); ; page = await ListAsync($"state=delivered&limit=3&before={page.Before}"))
        {
            found.AddRange(page.Outcomes.Select(one => one.Id));
            if (page.Before is null)
            {
                break;
            }
        }

        Assert.Equal(["m10", "m9", "m8", "m6", "m5", "m4", "m2", "m1"], found);
    }

    [Fact]
    public async Task A_message_that_was_redriven_has_the_outcome_it_has_now()
    {
        await _node.PublishEventAsync("in", "m", "ada", null, """{"n":null}""");
        await CountedAsync(1);
        using var edited = JsonContent.Create(new RedriveRequest(Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"n":{"value":1}}"""))));
        using var redriven = await _node.Http.PostAsync("/api/v1/dead/answer/0/0/redrive", edited, Cancel);
        Assert.Equal(HttpStatusCode.OK, redriven.StatusCode);
        await Eventually.HoldsAsync(async () => (await CountedAsync(1)).Outcomes is [{ State: "delivered", Messages: 1, Share: 1 }], "the redriven one counts as delivered only");
        Assert.Empty((await ListAsync("state=dead-lettered")).Outcomes);
    }

    [Fact]
    public async Task What_is_told_later_is_counted_by_kind_and_listed()
    {
        foreach (var fact in new[] { """{"fact":"rated","id":"a","value":4}""", """{"fact":"rated","key":"b","value":2}""", """{"fact":"bounced","receipt":"c"}""", """{"factId":"same","fact":"read","id":"d"}""", """{"factId":"same","fact":"read","id":"d"}""" })
        {
            using var content = new StringContent(fact, Encoding.UTF8, "application/json");
            using var told = await _node.Http.PostAsync("/api/v1/outcomes", content, Cancel);
            Assert.Equal(HttpStatusCode.OK, told.StatusCode);
        }

        var counts = (await _node.Http.GetFromJsonAsync<OutcomeCounts>("/api/v1/outcome-counts", Cancel))!;
        Assert.Equal([("bounced", 1L, null), ("rated", 2L, 3.0), ("read", 1L, (double?)null)], counts.Facts.Select(fact => (fact.Fact, fact.Facts, fact.Mean)));
        var first = (await _node.Http.GetFromJsonAsync<FactList>("/api/v1/facts?fact=rated&limit=1", Cancel))!;
        Assert.Equal("b", Assert.Single(first.Facts).Key);
        var second = (await _node.Http.GetFromJsonAsync<FactList>($"/api/v1/facts?fact=rated&before={first.Before}", Cancel))!;
        Assert.Equal("a", Assert.Single(second.Facts).Id);
        Assert.Null(second.Before);
    }

    [Theory]
    [InlineData("/api/v1/flows/nobody/outcomes?state=delivered", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/outcome-counts?flow=nobody", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/flows/answer/outcomes", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/flows/answer/outcomes?state=eaten", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/flows/answer/outcomes?state=delivered&limit=501", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/flows/answer/outcomes?state=delivered&since=8d", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/facts?fact=eaten", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/flows/answer/outcomes?state=delivered&before=99999999999", HttpStatusCode.OK)]
    public async Task What_cannot_be_answered_is_refused(string address, HttpStatusCode status)
    {
        using var answer = await _node.Http.GetAsync(address, Cancel);
        Assert.Equal(status, answer.StatusCode);
    }

    private async Task<OutcomeList> ListAsync(string query) => (await _node.Http.GetFromJsonAsync<OutcomeList>("/api/v1/flows/answer/outcomes?" + query, Cancel))!;

    private async Task<FlowOutcomeCounts> CountedAsync(long messages)
    {
        FlowOutcomeCounts? flow = null;
        await Eventually.HoldsAsync(
            async () => (await _node.Http.GetFromJsonAsync<OutcomeCounts>("/api/v1/outcome-counts?flow=answer", Cancel))!.Flows is [var one] && (flow = one).Messages == messages, $"{messages} are counted");
        return flow!;
    }
}
