using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>Faults and taps of a whole node, over its API.</summary>
public sealed class FaultsAndTapsTests : IAsyncLifetime
{
    private const string Project = """
        node: { broker: { kind: memory } }
        topics: { in: { partitions: 1 }, out: { partitions: 1 } }
        models: { mood: { kind: lexicon } }
        flows:
          judge:
            from: { topic: in }
            steps: [ { infer: { model: mood, input: message.text, output: mood } }, { map: "({ ...message, seen: true })" } ]
            to: { topic: out }
            retry: { attempts: 2, backoff: 1ms..2ms }
        """;

    private readonly NodeFixture _node = new("faults", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task An_injected_fault_is_told_kept_as_a_change_and_ends_when_stopped()
    {
        var fault = await _node.Client.AddFaultAsync(new AddFaultRequest { Flow = "judge", Step = "mood", Kind = "error", Seconds = 600 }, Cancel);
        await PublishAsync("""{"text":"good"}""");
        var letter = await DeadAsync();
        Assert.Equal("step.model-unavailable", letter.Cause);

        var told = Assert.Single((await _node.Client.GetFlowAsync("judge", Cancel)).Faults);
        Assert.Equal((fault.Id, "error", 2L), (told.Id, told.Kind, told.Hits));
        await _node.Client.StopFaultAsync(fault.Id, Cancel);
        Assert.Empty((await _node.Client.ListFaultsAsync(Cancel)).Faults);
        await PublishAsync("""{"text":"fine"}""");
        await Eventually.HoldsAsync(async () => (await _node.Client.ReadAsync("out", ReadFrom.Earliest, 10, Cancel)).Messages.Count == 1, "the message is through");

        var changes = await _node.Http.GetStringAsync("/api/v1/changes", Cancel);
        Assert.Contains("fault-add", changes, StringComparison.Ordinal);
        Assert.Contains("fault-stop", changes, StringComparison.Ordinal);
        Assert.Equal("fault.not-found", (await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.StopFaultAsync(fault.Id, Cancel))).Code);
    }

    [Fact]
    public async Task Commits_wait_while_the_broker_is_made_to_fail_and_lose_nothing()
    {
        var fault = await _node.Client.AddFaultAsync(new AddFaultRequest { Flow = "judge", Step = "broker", Kind = "error", Seconds = 600 }, Cancel);
        await PublishAsync("""{"text":"good"}""");
        await Eventually.HoldsAsync(async () => (await _node.Client.ListFaultsAsync(Cancel)).Faults[0].Hits > 0, "the fault was met");
        Assert.Empty((await _node.Client.ReadAsync("out", ReadFrom.Earliest, 10, Cancel)).Messages);

        await _node.Client.StopFaultAsync(fault.Id, Cancel);
        await Eventually.HoldsAsync(async () => (await _node.Client.ReadAsync("out", ReadFrom.Earliest, 10, Cancel)).Messages.Count == 1, "the message is through");
    }

    [Theory]
    [InlineData("nobody", null, "error", 1.0, 60, "flow.not-found")]
    [InlineData("judge", "map-2", "error", 1.0, 60, "fault.invalid")]
    [InlineData("judge", null, "explode", 1.0, 60, "fault.invalid")]
    [InlineData("judge", null, "error", 0.0, 60, "fault.invalid")]
    [InlineData("judge", null, "error", 1.0, 0, "fault.invalid")]
    [InlineData("judge", "broker", "garbage", 1.0, 60, "fault.invalid")]
    public async Task A_fault_that_cannot_be_meant_is_refused(string flow, string? step, string kind, double share, int seconds, string code)
    {
        var request = new AddFaultRequest { Flow = flow, Step = step, Kind = kind, Share = share, Seconds = seconds };
        Assert.Equal(code, (await Assert.ThrowsAsync<TrunklineException>(() => _node.Client.AddFaultAsync(request, Cancel))).Code);
    }

    [Fact]
    public async Task A_tap_shows_a_message_at_every_step_with_its_values_masked()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var seen = new List<TapEventView>();
        await using var tap = _node.Client.TapAsync("judge", null, false, ended.Token).GetAsyncEnumerator(ended.Token);
        var next = tap.MoveNextAsync().AsTask();

        // The tap is open as soon as its answer has begun; until then messages pass unseen.
        while (!next.IsCompleted)
        {
            await PublishAsync("""{"text":"secret"}""");
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel));
        }

        // A message in hand when the tap opens is seen from its middle on: the first that is seen from its beginning counts, this one at the latest.
        await PublishAsync("""{"text":"secret"}""");
        string? id = null;
        while (await next)
        {
            seen.Add(tap.Current);
            id ??= tap.Current.Step == "in" ? tap.Current.Id : null;
            if (id is not null && tap.Current.Step == "out" && tap.Current.Id == id)
            {
                break;
            }

            next = tap.MoveNextAsync().AsTask();
        }

        Assert.Equal(["in", "infer-1", "map-2", "out"], seen.Where(s => s.Id == id).Select(s => s.Step));
        Assert.Equal("branch-1", seen[^1].Outcome);
        Assert.Equal("boolean", seen[^1].Body!.Value.GetProperty("seen").GetString());
        Assert.DoesNotContain(seen, s => s.Body!.Value.GetRawText().Contains("secret", StringComparison.Ordinal));
        await ended.CancelAsync();
    }

    [Fact]
    public async Task A_tap_of_a_step_that_is_not_there_is_refused() =>
        Assert.Equal(400, (int)(await _node.Http.GetAsync("/api/v1/flows/judge/tap?step=nope", Cancel)).StatusCode);

    private Task PublishAsync(string json) => _node.PublishAsync("in", json);

    private async Task<DeadLetterView> DeadAsync()
    {
        await Eventually.HoldsAsync(async () => (await _node.Client.ListDeadLettersAsync("judge", 10, Cancel)).DeadLetters.Count > 0, "the message is dead");
        return (await _node.Client.ListDeadLettersAsync("judge", 10, Cancel)).DeadLetters[0];
    }
}
