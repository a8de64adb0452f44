using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Replays;

/// <summary>Replays of a whole node, over its API.</summary>
public sealed class ReplayTests : IAsyncLifetime
{
    private const string Project = """
        topics: { in: { partitions: 2 }, high: { partitions: 1 }, low: { partitions: 1 } }
        flows:
          split:
            from: { topic: in }
            steps: [ { parse: json }, { filter: message.n < 90 }, { map: "message.n == 13 ? message.a.b : message" } ]
            branch:
              - when: message.n > LIMIT
                to: [ { topic: high }, { webhook: { url: "http://127.0.0.1:9/never" } } ]
              - otherwise: true
                to: { topic: low }
            retry: { attempts: 1, backoff: 1ms..2ms }
        """;

    private readonly NodeFixture _node = new("replays", Text(20));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _node.StartAsync();
        for (var n = 1; n <= 40; n++)
        {
            await _node.PublishAsync("in", $$"""{"n":{{n}}}""", n % 2 == 0 ? "even" : "odd");
        }

        await Eventually.HoldsAsync(async () => await CountAsync("high") + await CountAsync("low") == 39, "all but the failed one are stored");
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Messages_run_again_are_marked_told_and_sent_nowhere_outside()
    {
        var webhook = await SentAsync();
        var view = await RunAsync(new StartReplayRequest { Flow = "split" });

        Assert.Equal(("done", 40L, 40L, 39L, 0L, 20L, 1L), (view.State, view.Total, view.Read, view.Stored, view.Duplicates, view.NotSent, view.Failed));
        Assert.Equal("step.expression-failed", Assert.Single(view.Failures).Code);
        Assert.Equal((40, 38), (await CountAsync("high"), await CountAsync("low")));
        Assert.Equal(webhook, await SentAsync());
        var marked = (await _node.Client.ReadAsync("high", ReadFrom.Earliest, 100, Cancel)).Messages.Where(m => m.Headers!.Any(h => h.Name == "tl-replay" && h.Value == view.Id));
        Assert.Equal(20, marked.Count());
        var changes = await _node.Client.ListChangesAsync(10, Cancel);
        Assert.Contains(changes.Changes, change => change.What == "replay-start" && change.Target == "flow split");
    }

    [Fact]
    public async Task A_second_replay_of_a_revision_stores_nothing_and_says_so()
    {
        await RunAsync(new StartReplayRequest { Flow = "split" });
        var again = await RunAsync(new StartReplayRequest { Flow = "split" });

        Assert.Equal((0L, 39L), (again.Stored, again.Duplicates));
        Assert.Equal((40, 38), (await CountAsync("high"), await CountAsync("low")));
    }

    [Fact]
    public async Task A_key_a_position_and_another_revision_can_be_chosen()
    {
        await ApplyAsync(limit: 30);
        var back = await RunAsync(new StartReplayRequest { Flow = "split", Key = "even", Revision = 1, Aside = true });
        Assert.Equal((40L, 20L, 30L, "split.replay"), (back.Read, back.OtherKey, back.Stored, back.AsideIn));
        var aside = (await _node.Client.ReadAsync("split.replay", ReadFrom.Earliest, 100, Cancel)).Messages;
        Assert.Equal(10, aside.Count(m => m.Headers!.Any(h => h.Name == "tl-sink" && h.Value == "high")));
        Assert.All(aside, m => Assert.Contains(m.Headers!, h => h is { Name: "tl-revision", Value: "1" }));

        var partition = (await _node.Client.GetTopicAsync("in", Cancel)).Partitions.First(p => p.HighOffset > 0).Partition;
        var some = await RunAsync(new StartReplayRequest { Flow = "split", From = $"{partition}/3", To = $"{partition}/8", Aside = true });
        Assert.Equal(5, some.Total);
        Assert.Equal(0, (await RunAsync(new StartReplayRequest { Flow = "split", From = "2100-01-01T00:00:00Z" })).Total);
    }

    [Fact]
    public async Task A_replay_is_paused_survives_a_restart_and_goes_on_to_the_end_once()
    {
        var view = await _node.Client.StartReplayAsync(new StartReplayRequest { Flow = "split", PerSecond = 10 }, Cancel);
        await Eventually.HoldsAsync(async () => (await _node.Client.GetReplayAsync(view.Id, Cancel)).Read > 1, "the replay has begun");
        var paused = await _node.Client.PauseReplayAsync(view.Id, Cancel);
        Assert.Equal("paused", paused.State);
        Assert.InRange(paused.Read, 2, 39);
        await _node.StopAsync();
        await _node.StartAsync();
        Assert.Equal(("paused", paused.Read), await _node.Client.GetReplayAsync(view.Id, Cancel) is var kept ? (kept.State, kept.Read) : default);

        Assert.Equal("running", (await _node.Client.ResumeReplayAsync(view.Id, Cancel)).State);
        await _node.StopAsync();
        await _node.StartAsync();
        await Eventually.HoldsAsync(async () => (await _node.Client.GetReplayAsync(view.Id, Cancel)).State == "done", "the replay is done");
        var done = await _node.Client.GetReplayAsync(view.Id, Cancel);
        Assert.Equal((40L, 39L, 0L, 1), (done.Read, done.Stored, done.Duplicates, done.Restarts));
        Assert.Equal((40, 38), (await CountAsync("high"), await CountAsync("low")));
    }

    [Fact]
    public async Task A_cancelled_replay_stays_so_and_what_cannot_be_done_is_refused()
    {
        var view = await _node.Client.StartReplayAsync(new StartReplayRequest { Flow = "split", PerSecond = 1 }, Cancel);
        var second = await _node.Client.StartReplayAsync(new StartReplayRequest { Flow = "split", PerSecond = 1 }, Cancel);
        Assert.Equal("replay.busy", await CodeAsync(_node.Client.StartReplayAsync(new StartReplayRequest { Flow = "split" }, Cancel)));
        Assert.Equal("cancelled", (await _node.Client.CancelReplayAsync(view.Id, Cancel)).State);
        Assert.Equal("cancelled", (await _node.Client.ResumeReplayAsync(view.Id, Cancel)).State);
        await _node.Client.CancelReplayAsync(second.Id, Cancel);
        Assert.Equal([second.Id, view.Id], (await _node.Client.ListReplaysAsync(Cancel)).Replays.Select(r => r.Id));

        Assert.Equal("flow.not-found", await CodeAsync(_node.Client.StartReplayAsync(new StartReplayRequest { Flow = "none" }, Cancel)));
        Assert.Equal("replay.not-possible", await CodeAsync(_node.Client.StartReplayAsync(new StartReplayRequest { Flow = "split", Revision = 99 }, Cancel)));
        Assert.Equal("topic.not-found", await CodeAsync(_node.Client.StartReplayAsync(new StartReplayRequest { Flow = "split", Topic = "none" }, Cancel)));
        Assert.Equal("request.body-invalid", await CodeAsync(_node.Client.StartReplayAsync(new StartReplayRequest { Flow = "split", From = "yesterday" }, Cancel)));
        Assert.Equal("request.body-invalid", await CodeAsync(_node.Client.StartReplayAsync(new StartReplayRequest { Flow = "split", From = "0/1", To = "1/1" }, Cancel)));
        Assert.Equal("replay.not-found", await CodeAsync(_node.Client.PauseReplayAsync("replay-0", Cancel)));
    }

    private static async Task<string> CodeAsync(Task<ReplayView> call) => (await Assert.ThrowsAsync<TrunklineException>(() => call)).Code;

    private async Task<ReplayView> RunAsync(StartReplayRequest request)
    {
        var view = await _node.Client.StartReplayAsync(request, Cancel);
        await Eventually.HoldsAsync(async () => (view = await _node.Client.GetReplayAsync(view.Id, Cancel)).State != "running", "the replay has ended");
        Assert.True(view.State == "done", view.Reason);
        return view;
    }

    private Task<PlanView> ApplyAsync(int limit) => _node.Client.ApplyAsync(
        new ApplyRequest { Main = "trunkline.yaml", Files = new Dictionary<string, string> { ["trunkline.yaml"] = Text(limit) }, Force = true }, Cancel);

    private static string Text(int limit) => Project.Replace("LIMIT", limit.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private async Task<int> CountAsync(string topic) => (await _node.Client.ReadAsync(topic, ReadFrom.Earliest, 1000, Cancel)).Messages.Count;

    /// <summary>What stands in the webhook's outbox.</summary>
    private async Task<long> SentAsync() =>
        (await _node.Client.ListTopicsAsync(Cancel)).Topics.Where(t => t.Name.Contains("webhook", StringComparison.Ordinal)).Sum(t => t.Partitions.Sum(p => p.HighOffset));
}
