using System.Net;
using System.Net.Http.Json;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Outcomes;

/// <summary>A message's way over several flows, found from anywhere on it.</summary>
public sealed class JourneyApiTests : IAsyncLifetime
{
    private const string Project = """
        topics: { in: { partitions: 2, dedupeWindow: 0s }, read: { partitions: 2 }, loud: { partitions: 1 }, all: { partitions: 1 } }
        flows:
          sort:
            from: { topic: in }
            steps: [ { parse: json } ]
            to: [ { topic: read }, { topic: all } ]
          shout:
            from: { topic: read }
            steps: [ { parse: json }, { filter: message.n.value >= 0 } ]
            to: { topic: loud }
        """;

    private readonly NodeFixture _node = new("journeys", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task The_whole_way_is_found_by_the_first_id_by_one_on_the_way_and_by_key()
    {
        await PublishAsync("m 1/ü", "ada", """{"n":{"value":1}}""");
        await PublishAsync("m2", "ada", """{"n":{"value":-1}}""");
        await PublishAsync("m3", "bob", """{"n":null}""");

        var way = Assert.Single(await FoundAsync("id", "m 1/ü", [2]));
        Assert.True(way.Whole);
        Assert.Equal([(0, "sort", "in", "delivered"), (1, "shout", "read", "delivered")], way.Hops.Select(Shown));
        var onTheWay = way.Hops[0].Outcome.Sinks.Single(sink => sink.Sink == "read").Receipt;
        Assert.Equal(way.Hops[1].Outcome.Id, onTheWay);
        Assert.Equal(way.Hops.Select(Shown), Assert.Single(await FoundAsync("id", onTheWay, [2])).Hops.Select(Shown));

        // Of one key: each message once, although both of its flows know the key.
        var ways = await FoundAsync("key", "ada", [2, 2]);
        Assert.Equal(["delivered", "filtered"], ways.Select(one => one.Hops[^1].Outcome.State).Order());
        var failed = Assert.Single(await FoundAsync("key", "bob", [2]));
        Assert.Equal((1, "shout", "read", "dead-lettered"), Shown(failed.Hops[^1]));
        Assert.True(failed.End >= failed.Start);
    }

    [Fact]
    public async Task A_way_longer_than_a_question_follows_says_so()
    {
        var flows = Enumerable.Range(0, 34).Select(n => $"  f{n:00}: {{ from: {{ topic: t{n} }}, to: {{ topic: t{n + 1} }} }}");
        var topics = string.Join(", ", Enumerable.Range(0, 35).Select(n => $"t{n}: {{ partitions: 1 }}"));
        await using var node = new NodeFixture("long-way", $"topics: {{ {topics} }}\nflows:\n{string.Join('\n', flows)}\n");
        await node.StartAsync();
        await node.PublishEventAsync("t0", "first", "k", tenant: null, "{}");
        IReadOnlyList<JourneyView>? found = null;
        await Eventually.HoldsAsync(async () => (found = await TryAsync(node, "id", "first")) is [{ Whole: false }], "the bound is met");
        Assert.Equal(Enumerable.Range(0, 32).Select(n => $"f{n:00}"), found![0].Hops.Select(hop => hop.Outcome.Flow));
    }

    [Fact]
    public async Task What_is_not_known_and_what_is_not_named_is_told()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _node.Http.GetAsync("/api/v1/journeys?id=nothing", Cancel)).StatusCode);
        foreach (var query in new[] { "", "?id=a&key=b", "?id=a&limit=0", "?id=a&limit=101" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await _node.Http.GetAsync("/api/v1/journeys" + query, Cancel)).StatusCode);
        }
    }

    private static (int Depth, string Flow, string? Topic, string State) Shown(JourneyHopView hop) => (hop.Depth, hop.Outcome.Flow, hop.Topic, hop.Outcome.State);

    private async Task<IReadOnlyList<JourneyView>> FoundAsync(string by, string value, int[] hops)
    {
        IReadOnlyList<JourneyView>? found = null;
        await Eventually.HoldsAsync(
            async () => (found = await TryAsync(_node, by, value))?.Select(journey => journey.Hops.Count).SequenceEqual(hops) == true, $"{value} is through");
        return found!;
    }

    private static async Task<IReadOnlyList<JourneyView>?> TryAsync(NodeFixture node, string by, string value)
    {
        using var response = await node.Http.GetAsync($"/api/v1/journeys?{by}={Uri.EscapeDataString(value)}", Cancel);
        return response.StatusCode == HttpStatusCode.NotFound ? null : (await response.Content.ReadFromJsonAsync<JourneyList>(Cancel))!.Journeys;
    }

    private Task PublishAsync(string id, string key, string json) => _node.PublishEventAsync("in", id, key, tenant: null, json);
}
