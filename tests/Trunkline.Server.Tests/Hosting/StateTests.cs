using System.Text;
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

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-state-").FullName;
    private TrunklineApp _app = null!;
    private TrunklineClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "trunkline.yaml"), Project, Cancel);
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_remembered_is_listed_shown_and_dropped_and_lives_through_a_restart()
    {
        await PublishAsync("ann", "hi");
        await PublishAsync("bob", "ho");
        await PublishAsync("ann", "ha");
        await SeenAsync(3);
        await StopAsync();
        await StartAsync();
        await PublishAsync("ann", "he");
        await SeenAsync(4);

        var listed = await _client.ListStateAsync("remember", null, 100, Cancel);
        Assert.Equal(["ann", "bob"], listed.Keys.Select(k => k.Key).Order(StringComparer.Ordinal));
        Assert.All(listed.Keys, k => Assert.Null(k.Value));
        Assert.Equal("bob", Assert.Single((await _client.ListStateAsync("remember", "bo", 1, Cancel)).Keys).Key);
        var ann = (await _client.GetStateAsync("remember", "ann"u8.ToArray(), Cancel))!;
        Assert.Equal("""{"n":3,"last":"he"}""", ann.Value!.Value.GetRawText());
        Assert.Equal(("silence", true), (Assert.Single(ann.Timers).Name, ann.ExpiresAt is not null));
        Assert.Equal(2, (await _client.GetFlowAsync("remember", Cancel)).Timers);
        Assert.Null(await _client.GetStateAsync("remember", "nobody"u8.ToArray(), Cancel));

        Assert.True((await _client.DropStateAsync("remember", "ann"u8.ToArray(), Cancel)).Dropped);
        Assert.False((await _client.DropStateAsync("remember", "ann"u8.ToArray(), Cancel)).Dropped);
        await PublishAsync("ann", "again");
        await SeenAsync(5);
        Assert.Equal(1, (await _client.GetStateAsync("remember", "ann"u8.ToArray(), Cancel))!.Value!.Value.GetProperty("n").GetInt32());
        Assert.Contains((await _client.ListChangesAsync(10, Cancel)).Changes, c => c is { What: "drop-state", Target: "flow remember" });
        var unknown = await Assert.ThrowsAsync<TrunklineException>(() => _client.ListStateAsync("no-such", null, 10, Cancel));
        Assert.Equal("flow.not-found", unknown.Code);
    }

    [Fact]
    public async Task A_flow_is_drained_and_its_group_moved_back_and_both_stand_in_the_changes()
    {
        await PublishAsync("ann", "hi");
        await PublishAsync("bob", "ho");
        await SeenAsync(2);
        var drained = await _client.DrainFlowAsync("remember", TimeSpan.FromSeconds(20), Cancel);
        Assert.Equal(new DrainResult(true, 0, 0, 0), drained);
        Assert.Equal("paused", (await _client.GetFlowAsync("remember", Cancel)).State);

        var group = _client.Group("chat", "flow.remember");
        var moved = await group.ResetAsync(new ResetGroupRequest { To = "earliest" }, Cancel);
        Assert.Equal(2, moved.Lag);
        await _client.ResumeFlowAsync("remember", Cancel);
        await SeenAsync(4);
        Assert.Equal(2, (await _client.GetStateAsync("remember", "ann"u8.ToArray(), Cancel))!.Value!.Value.GetProperty("n").GetInt32());
        var changes = (await _client.ListChangesAsync(20, Cancel)).Changes;
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

        var stranger = await Assert.ThrowsAsync<TrunklineException>(() => _client.Group("chat", "stranger").ResetAsync(new ResetGroupRequest { To = "latest" }, Cancel));
        Assert.Equal("group.not-found", stranger.Code);
    }

    private async Task StartAsync()
    {
        _app = TrunklineApp.Create("-f", Path.Combine(_folder, "trunkline.yaml"), "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        await _app.StartAsync(Cancel);
        _client = new TrunklineClient(new Uri(_app.Url));
    }

    private async Task StopAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private async Task PublishAsync(string key, string text)
    {
        using var http = new HttpClient { BaseAddress = new Uri(_app.Url) };
        using var content = new StringContent($$"""{"text":"{{text}}"}""", Encoding.UTF8, "application/json");
        content.Headers.Add("Trunkline-Key", key);
        using var answer = await http.PostAsync("/api/v1/topics/chat/messages", content, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    private Task SeenAsync(int count) => Flows.Eventually.HoldsAsync(
        async () => (await _client.GetTopicAsync("seen", Cancel)).Messages == count && (await _client.GetFlowAsync("remember", Cancel)).Lag == 0, $"{count} are through", 60);
}
