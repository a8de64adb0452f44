using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>What a flow remembers, and what operators do, over HTTP and over a restart of the node.</summary>
public sealed class StateTests : IAsyncLifetime
{
    private const string Project = """
        topics: { chat: { partitions: 3 }, seen: { partitions: 1 } }
        flows:
          remember:
            from: { topic: chat }
            steps:
              - state: { update: "({ n: (state?.n ?? 0) + 1, last: message.text })", expire: 7d, output: memory }
              - timer: { after: 1h, as: silence }
            to: { topic: seen }
        """;

    private readonly NodeFixture _node = new("state", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task What_is_remembered_is_listed_shown_and_dropped_and_lives_through_a_restart()
    {
        await PublishAsync("ann", "hi");
        await PublishAsync("bob", "ho");
        await PublishAsync("ann", "ha");
        await SeenAsync(3);
        await _node.StopAsync();
        await _node.StartAsync();
        await PublishAsync("ann", "he");
        await SeenAsync(4);

        var listed = await _node.Client.ListStateAsync("remember", null, 100, Cancel);
        Assert.Equal(["ann", "bob"], listed.Keys.Select(k => k.Key).Order(StringComparer.Ordinal));
        Assert.All(listed.Keys, k => Assert.Null(k.Value));
        Assert.Equal("bob", Assert.Single((await _node.Client.ListStateAsync("remember", "bo", 1, Cancel)).Keys).Key);
        var ann = (await _node.Client.GetStateAsync("remember", "ann"u8.ToArray(), Cancel))!;
        Assert.Equal("""{"n":3,"last":"he"}""", ann.Value!.Value.GetRawText());
        Assert.Equal(("silence", true), (Assert.Single(ann.Timers).Name, ann.ExpiresAt is not null));
        Assert.Equal(2, (await _node.Client.GetFlowAsync("remember", Cancel)).Timers);
        Assert.Null(await _node.Client.GetStateAsync("remember", "nobody"u8.ToArray(), Cancel));

        Assert.True((await _node.Client.DropStateAsync("remember", "ann"u8.ToArray(), Cancel)).Dropped);
        Assert.False((await _node.Client.DropStateAsync("remember", "ann"u8.ToArray(), Cancel)).Dropped);
        await PublishAsync("ann", "again");
        await SeenAsync(5);
        Assert.Equal(1, (await _node.Client.GetStateAsync("remember", "ann"u8.ToArray(), Cancel))!.Value!.Value.GetProperty("n").GetInt32());
        Assert.Contains((await _node.Client.ListChangesAsync(10, Cancel)).Changes, c => c is { What: "drop-state", Target: "flow remember" });
        var unknown = await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.ListStateAsync("no-such", null, 10, Cancel));
        Assert.Equal("flow.not-found", unknown.Code);
    }

    [Fact]
    public async Task A_flow_is_drained_and_its_group_moved_back_and_both_stand_in_the_changes()
    {
        await PublishAsync("ann", "hi");
        await PublishAsync("bob", "ho");
        await SeenAsync(2);
        var drained = await _node.Client.DrainFlowAsync("remember", TimeSpan.FromSeconds(20), Cancel);
        Assert.Equal(new DrainResult(true, 0, 0, 0), drained);
        Assert.Equal("paused", (await _node.Client.GetFlowAsync("remember", Cancel)).State);

        var group = _node.Client.Group("chat", "flow.remember");
        var moved = await group.ResetAsync(new ResetGroupRequest { To = "earliest" }, Cancel);
        Assert.Equal(2, moved.Lag);
        await _node.Client.ResumeFlowAsync("remember", Cancel);
        await SeenAsync(4);
        Assert.Equal(2, (await _node.Client.GetStateAsync("remember", "ann"u8.ToArray(), Cancel))!.Value!.Value.GetProperty("n").GetInt32());
        var changes = (await _node.Client.ListChangesAsync(20, Cancel)).Changes;
        Assert.Contains(changes, c => c is { What: "drain", Target: "flow remember" });
        Assert.StartsWith("to earliest; it was at ", Assert.Single(changes, c => c.What == "reset-group").Detail, StringComparison.Ordinal);

        Assert.Equal(0, (await group.ResetAsync(new ResetGroupRequest { To = "latest" }, Cancel)).Lag);
        Assert.Equal(2, (await group.ResetAsync(new ResetGroupRequest { Time = TimeProvider.System.GetUtcNow().AddDays(-1) }, Cancel)).Lag);
        await group.ResetAsync(new ResetGroupRequest { Offset = 1, Partition = 2 }, Cancel);
        foreach (var wrong in new[]
        {
            new ResetGroupRequest(), new ResetGroupRequest { To = "middle" }, new ResetGroupRequest { Offset = 1 }, new ResetGroupRequest { Offset = -1, Partition = 0 },
            new ResetGroupRequest { Offset = 1, Partition = 3 }, new ResetGroupRequest { To = "latest", Offset = 1, Partition = 0 },
        })
        {
            Assert.Equal("request.parameter-invalid", (await Assert.ThrowsAsync<TrunklineException>(() => group.ResetAsync(wrong, Cancel))).Code);
        }

        var stranger = await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.Group("chat", "stranger").ResetAsync(new ResetGroupRequest { To = "latest" }, Cancel));
        Assert.Equal("group.not-found", stranger.Code);
    }

    private Task PublishAsync(string key, string text) => _node.PublishAsync("chat", $$"""{"text":"{{text}}"}""", key);

    private Task SeenAsync(int count) => Flows.Eventually.HoldsAsync(
        async () => (await _node.Client.GetTopicAsync("seen", Cancel)).Messages == count && (await _node.Client.GetFlowAsync("remember", Cancel)).Lag == 0, $"{count} are through", 60);
}
