using System.Net.Http.Json;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Sight.Slos;

/// <summary>SLOs of a running node, over a restart.</summary>
public sealed class SloApiTests : IAsyncLifetime
{
    private const string Project = """
        owners: { desk: {}, sales: {} }
        topics: { in: { partitions: 2, dedupeWindow: 0s }, out: { partitions: 1 } }
        flows:
          answer:
            from: { topic: in }
            steps: [ { parse: json }, { filter: message.n.value >= 0 } ]
            to: { topic: out }
            slo: { within: 1h, latency: 90%, fidelity: 99%, least: 4, perTenant: true }
            owner: desk
          other: { from: { topic: out }, to: { topic: in }, steps: [ { filter: "false" } ], slo: { within: 1h }, owner: desk }
        promises: { to-sales: { slo: answer.fidelity, to: sales }, to-acme: { slo: answer.latency, tenant: acme, target: 80% }, to-globex: { slo: other.latency, tenant: globex } }
        """;

    private readonly NodeFixture _node = new("slos", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Budgets_are_spent_by_dead_letters_at_their_hop_after_their_change_and_kept_over_a_restart()
    {
        for (var i = 0; i < 10; i++)
        {
            await _node.PublishEventAsync("in", $"m{i}", "k", i < 8 ? "acme" : null, i == 3 ? """{"n":null}""" : """{"n":{"value":1}}""");
        }

        await _node.PublishEventAsync("in", "filtered", "k", "acme", """{"n":{"value":-1}}""");
        var latency = await CountedAsync(10);
        Assert.Equal((1L, 0.9, "burning"), (latency.Bad, latency.Good!.Value, latency.Verdict is "spent" ? "burning" : latency.Verdict), Same);
        Assert.Equal(1, latency.Spent!.Value, 1e-9);
        Assert.Equal(("in", 1L, 1d), (latency.Hops.Single().Hop, latency.Hops[0].Bad, latency.Hops[0].Share));
        Assert.Equal(("apply", 1L), (latency.Changes[0].What, latency.Changes[0].Bad));
        var acme = (await ListAsync()).Slos.Single(s => s is { Tenant: "acme", Measure: "latency" });
        Assert.Equal((8L, 1L), (acme.Due, acme.Bad));
        Assert.Equal(["answer.fidelity", "answer.latency"], (await ListAsync()).Slos.Select(s => s.Name).Distinct().Order(StringComparer.Ordinal));

        // One in ten is ten times what one in a hundred allows, and just what one in ten does: alerts on both would have been on, one on a fifth not.
        var trials = (await _node.Client.Slos.TestAsync("answer", "1h", null, Cancel)).Slos.Where(s => s.Tenant is null).ToDictionary(s => s.Name);
        Assert.Equal((10L, 1L, "ticket"), (trials["answer.latency"].Due, trials["answer.latency"].Bad, Assert.Single(trials["answer.latency"].Firings).Severity));
        Assert.Equal((1L, true), (Assert.Single(trials["answer.fidelity"].Firings).Bad, trials["answer.fidelity"].Firings[0].IsRight));
        Assert.Empty((await _node.Client.Slos.TestAsync("answer", "1h", new SloTrialNumbers("80%", null, null), Cancel)).Slos.SelectMany(s => s.Firings));
        Assert.Equal("request.parameter-invalid", (await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.Slos.TestAsync(null, "7d", null, Cancel))).Code);

        var promises = (await _node.Client.Slos.PromisesAsync(null, Cancel)).Promises;
        Assert.Equal(["to-acme", "to-globex", "to-sales"], promises.Select(p => p.Name));
        Assert.Equal(["8 1 on-track", "0 0 no-traffic", "10 1 broken"], promises.Select(p => FormattableString.Invariant($"{p.Due} {p.Bad} {p.Verdict}")));
        Assert.Equal("request.parameter-invalid", (await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.Slos.PromisesAsync("May", Cancel))).Code);

        await _node.StopAsync();
        await _node.StartAsync();
        Assert.Equal((10L, 1L), (await CountedAsync(10) is var again ? again.Due : 0, again.Bad));
        await _node.PublishEventAsync("in", "m10", "k", null, """{"n":{"value":1}}""");
        Assert.Equal((11L, 1L), (await CountedAsync(11) is var more ? more.Due : 0, more.Bad));

        // The message that failed is recognised as the same over the restart: mended and redriven it is good, and due once.
        await _node.PublishEventAsync("in", "m3", "k", "acme", """{"n":{"value":1}}""");
        await Eventually.HoldsAsync(async () => (await ListAsync()).Slos[0] is { Due: 11, Bad: 0 }, "what failed is good after all");
        await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.Slos.ListAsync("nobody", Cancel));
    }

    private static bool Same((long Bad, double Good, string Verdict) a, (long Bad, double Good, string Verdict) b) =>
        a.Bad == b.Bad && Math.Abs(a.Good - b.Good) < 1e-9 && a.Verdict == b.Verdict;

    private async Task<SloView> CountedAsync(long due)
    {
        await Eventually.HoldsAsync(async () => (await ListAsync()).Slos[0].Due == due, $"{due} messages are counted");
        return (await ListAsync()).Slos.First(s => s is { Measure: "latency", Tenant: null });
    }

    private async Task<SloList> ListAsync() => (await _node.Http.GetFromJsonAsync<SloList>("/api/v1/slos?flow=answer", Cancel))!;
}
