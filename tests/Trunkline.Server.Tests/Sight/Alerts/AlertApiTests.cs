using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Sight.Alerts;

/// <summary>Alerts of a running node: dead letters and parked keys are seen, taken on, silenced, and every deed is a change.</summary>
public sealed class AlertApiTests : IAsyncLifetime
{
    private const string Project = """
        owners: { desk: {} }
        topics: { in: {}, out: {} }
        flows: { alertapi: { from: { topic: in }, steps: [ { parse: json }, { filter: message.n.value >= 0 } ], to: { topic: out }, onFailure: park-key, owner: desk } }
        """;

    private readonly NodeFixture _node = new("alerts", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Troubles_are_seen_taken_on_and_silenced()
    {
        await _node.PublishEventAsync("in", "m1", "ada", null, """{"n":{"value":1}}""");
        await _node.PublishEventAsync("in", "m2", "ada", null, """{"n":null}""");
        AlertList list = null!;
        await Eventually.HoldsAsync(async () => (list = await _node.Client.Alerts.ListAsync(100, Cancel)).Alerts.Count >= 2, "two alerts are on");
        Assert.Equal(["dead-letters", "parked-keys"], list.Alerts.Select(a => a.Rule).Order(StringComparer.Ordinal));
        Assert.All(list.Alerts, a => Assert.Equal(("firing", "desk", "alertapi", null), (a.State, a.Owner, a.Subject, a.Change)));
        Assert.StartsWith(_node.App.Url, list.Alerts[0].Link, StringComparison.Ordinal);

        Assert.Equal("acknowledged", (await _node.Client.Alerts.AcknowledgeAsync(list.Alerts[0].Id, Cancel)).State);
        var silence = await _node.Client.Alerts.SilenceAsync(new SilenceRequest("2h", "planned work", Subject: "alertapi"), Cancel);
        Assert.All((await _node.Client.Alerts.ListAsync(100, Cancel)).Alerts, a => Assert.Equal("silenced", a.State));
        await _node.Client.Alerts.UnsilenceAsync(silence.Id, Cancel);
        Assert.Equal(["acknowledged", "firing"], (await _node.Client.Alerts.ListAsync(100, Cancel)).Alerts.Select(a => a.State).Order(StringComparer.Ordinal));
        Assert.Equal(["unsilence", "silence", "acknowledge"], (await _node.Client.ListChangesAsync(3, Cancel)).Changes.Select(c => c.What));

        Assert.Equal("alert.not-found", (await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.Alerts.AcknowledgeAsync("none", Cancel))).Code);
        foreach (var bad in new[] { new SilenceRequest("2h", "why"), new SilenceRequest("2y", "why", "lag"), new SilenceRequest("2h", "", "lag"), new SilenceRequest("2h", "why", "lagg"), new SilenceRequest(null, null, Owner: "a\nb") })
        {
            Assert.Equal("alert.silence-invalid", (await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.Alerts.SilenceAsync(bad, Cancel))).Code);
        }
    }
}
