using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Flows.Delays;

/// <summary>Tries after a durable delay, which holds no lane.</summary>
public sealed class LaterRetryTests
{
    private static readonly RetryConfig TwoAndTwo = new(2, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1))
    {
        Later = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)],
    };

    [Fact]
    public async Task A_key_whose_message_is_put_off_waits_in_order_over_restarts_while_other_keys_go_on()
    {
        var time = new FakeTimeProvider();
        await using var fixture = new FlowFixture(time: time) { Retry = TwoAndTwo, Lanes = 1 };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(40, 4);
        var tries = new ConcurrentQueue<int>();
        var broken = true;
        var pipelines = new FuncPipelines(
            (input, _) =>
            {
                if (Payload(input) != "k1:2" || !Volatile.Read(ref broken))
                {
                    return FuncPipelines.To(input);
                }

                tries.Enqueue(input.Attempt);
                return new(FuncPipelines.Failed());
            },
            "out");
        var first = fixture.Start(pipelines);
        await fixture.HoldsAsync("out", 32);
        await AdvanceUntilAsync(time, async () => await fixture.LagAsync() == 0, TimeSpan.FromMilliseconds(2));
        await Eventually.HoldsAsync(
            () => first.Status() is { ParkedKeys: 0, Delayed: 1, InFlight: 0 }, "one is put off, and nothing is in hand once the last commit is settled");
        Assert.Equal((1, 7), (first.Status().Counts.Delayed, first.Status().Counts.Parked));

        // The delay goes on over the end of the flow; the third try fails too.
        await first.DisposeAsync();
        time.Advance(TimeSpan.FromMinutes(2));
        var second = fixture.Start(pipelines);
        await Eventually.HoldsAsync(() => tries.Count == 3 && second.Status().Counts.Delayed == 1, "it is tried again and put off again");
        await fixture.PublishAsync(4, 4);
        await fixture.HoldsAsync("out", 35);
        Volatile.Write(ref broken, false);
        time.Advance(TimeSpan.FromMinutes(12));
        await fixture.HoldsAsync("out", 44);
        Assert.Equal([1, 2, 3], tries);
        await fixture.AssertEachOnceInOrderAsync("out", 44, 4);
        await Eventually.HoldsAsync(() => second.Status().Delayed == 0, "the key is open");
        Assert.Equal(0, await fixture.CountAsync("f.dead"));
    }

    [Theory]
    [InlineData(FailurePolicy.ParkMessage)]
    [InlineData(FailurePolicy.ParkKey)]
    public async Task When_the_later_tries_are_used_up_the_message_is_a_dead_letter_and_the_policy_decides_about_its_key(FailurePolicy policy)
    {
        var time = new FakeTimeProvider();
        await using var fixture = new FlowFixture(time: time) { Retry = TwoAndTwo with { Attempts = 1 }, OnFailure = policy };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(10, 2);
        var tries = 0;
        var runner = fixture.Start(new FuncPipelines(
            (input, _) =>
            {
                if (Payload(input) != "k0:1")
                {
                    return FuncPipelines.To(input);
                }

                Interlocked.Increment(ref tries);
                return new(FuncPipelines.Failed());
            },
            "out"));
        var waits = new SortedDictionary<int, TimeSpan>();
        await Eventually.HoldsAsync(
            async () =>
            {
                // Time stands still while a try is at work, however long the machine takes: else the delay would begin later than the failure it follows.
                if (runner.Parked(10) is [{ Due: { } due } parked] && parked.Attempts == Volatile.Read(ref tries))
                {
                    var left = due - time.GetUtcNow();
                    waits.TryAdd(parked.Attempts, left);
                    time.Advance(left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(1));
                }

                return await fixture.CountAsync("f.dead") == 1;
            },
            "it is a dead letter");
        Assert.Equal([1, 2], waits.Keys);
        Assert.InRange(waits[1], TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(70));
        Assert.InRange(waits[2], TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(11.5));
        var dead = Assert.Single(await fixture.ReadAsync("f.dead")).Message;
        Assert.Equal("3", dead.Headers.Text(HeaderNames.Attempts));
        var lived = DateTimeOffset.Parse(dead.Headers.Text(HeaderNames.FailedAt)!, null) - DateTimeOffset.Parse(dead.Headers.Text(HeaderNames.FirstFailedAt)!, null);
        Assert.True(lived >= waits[1] + waits[2] - TimeSpan.FromSeconds(2), $"it lived {lived}");
        if (policy == FailurePolicy.ParkMessage)
        {
            await fixture.HoldsAsync("out", 9);
            await Eventually.HoldsAsync(() => runner.Status() is { ParkedKeys: 0, Delayed: 0 }, "the key is open");
            return;
        }

        await Eventually.HoldsAsync(() => runner.Status() is { ParkedKeys: 1, Delayed: 0 }, "the key awaits an operator");
        Assert.Equal(6, await fixture.CountAsync("out"));
        Assert.Equal(KeyReleaseResult.Released, await runner.ReleaseAsync(new KeyReleaseOrder(MessageKey.FromText("k0")) { SkipFailed = true }, FlowFixture.Cancel));
        Assert.Equal(9, await fixture.CountAsync("out"));
    }

    [Fact]
    public async Task A_message_without_key_is_put_off_alone()
    {
        var time = new FakeTimeProvider();
        await using var fixture = new FlowFixture(time: time) { Retry = TwoAndTwo with { Attempts = 1 } };
        await fixture.CreateTopicsAsync(1);
        await AppendAsync(fixture, "a", "b", "c");
        var runner = fixture.Start(new FuncPipelines(
            (input, _) => Payload(input) == "a" && input.Attempt < 3 ? new(FuncPipelines.Failed()) : FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 2);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "the group is through");
        var parked = Assert.Single(runner.Parked(10));
        Assert.Equal((null, 1, 1), (parked.Key, parked.Attempts, parked.Waiting));
        Assert.InRange(parked.Due!.Value - time.GetUtcNow(), TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(66));
        await AdvanceUntilAsync(time, async () => await fixture.CountAsync("out") == 3, TimeSpan.FromSeconds(40));
        Assert.Equal(["b", "c", "a"], await fixture.PayloadsAsync("out"));
        await Eventually.HoldsAsync(() => runner.Status().Delayed == 0, "nothing waits");
    }

    [Fact]
    public async Task Tries_in_place_are_counted_over_the_end_of_the_flow()
    {
        var time = new FakeTimeProvider();
        await using var fixture = new FlowFixture(time: time) { Retry = new RetryConfig(3, TimeSpan.FromHours(1), TimeSpan.FromHours(1)) };
        await fixture.CreateTopicsAsync(1);
        await AppendAsync(fixture, "a");
        for (var life = 1; life <= 2; life++)
        {
            var runner = fixture.Start(new FuncPipelines((_, _) => new(FuncPipelines.Failed()), "out"));
            await Eventually.HoldsAsync(
                async () => await fixture.Broker.ScanStateAsync("flow.f", 0, "tries/"u8.ToArray(), FlowFixture.Cancel).AnyAsync(e => e.Value.Span[1] == life),
                $"try {life} is noted");
            await runner.DisposeAsync();
        }

        fixture.Start(new FuncPipelines((_, _) => new(FuncPipelines.Failed()), "out"));
        await fixture.HoldsAsync("f.dead", 1);
        Assert.Equal("3", Assert.Single(await fixture.ReadAsync("f.dead")).Message.Headers.Text(HeaderNames.Attempts));
        await Eventually.HoldsAsync(
            async () => !await fixture.Broker.ScanStateAsync("flow.f", 0, "tries/"u8.ToArray(), FlowFixture.Cancel).AnyAsync(), "what was noted is gone");
    }

    [Fact]
    public async Task Lives_cut_short_at_any_moment_keep_every_delayed_message_once_and_in_order()
    {
        await using var fixture = new FlowFixture
        {
            Retry = new RetryConfig(1, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)) { Later = [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20)] },
        };
        await fixture.CreateTopicsAsync(2);
        await fixture.PublishAsync(6_000, 60);
        var pipelines = new FuncPipelines(
            async (input, _) =>
            {
                await Task.Yield();
                return input.Attempt < 3 && Payload(input).EndsWith('7') ? FuncPipelines.Failed() : FuncPipelines.Delivered(input);
            },
            "out");
        var random = new Random(11);
        for (var life = 0; life < 8; life++)
        {
            var runner = fixture.Start(pipelines);
            var seen = await fixture.CountAsync("out");
            await fixture.HoldsAsync("out", Math.Min(6_000, seen + random.Next(1, 800)));
            await runner.DisposeAsync();
        }

        var last = fixture.Start(pipelines);
        await fixture.HoldsAsync("out", 6_000);
        await Eventually.HoldsAsync(() => last.Status().Delayed == 0, "nothing waits any more");
        await fixture.AssertEachOnceInOrderAsync("out", 6_000, 60);
    }

    [Fact]
    public async Task A_paused_flow_tries_nothing_again_until_it_is_resumed()
    {
        var time = new FakeTimeProvider();
        await using var fixture = new FlowFixture(time: time) { Retry = TwoAndTwo with { Attempts = 1 } };
        await fixture.CreateTopicsAsync(1);
        await AppendAsync(fixture, "a", "b");
        var tries = 0;
        var runner = fixture.Start(new FuncPipelines(
            (input, _) => Payload(input) == "a" && Interlocked.Increment(ref tries) == 1 ? new(FuncPipelines.Failed()) : FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 1);
        await Eventually.HoldsAsync(() => runner.Status().Delayed == 1, "it waits");
        runner.Pause();
        time.Advance(TimeSpan.FromHours(1));
        await AppendAsync(fixture, "c");
        Assert.Equal((1, 1), (Volatile.Read(ref tries), await fixture.CountAsync("out")));
        runner.Resume();
        await fixture.HoldsAsync("out", 3);
    }

    private static string Payload(PipelineInput input) => Encoding.UTF8.GetString(input.Stored.Message.Payload.Span);

    private static async Task AppendAsync(FlowFixture fixture, params string[] payloads) =>
        await fixture.Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [.. payloads.Select(p => FlowFixture.Text(null, p))] }, FlowFixture.Cancel);

    /// <summary>Lets time pass until a condition holds: how often timers are set meanwhile does not matter.</summary>
    private static Task AdvanceUntilAsync(FakeTimeProvider time, Func<Task<bool>> condition, TimeSpan step) => Eventually.HoldsAsync(
        async () =>
        {
            if (await condition())
            {
                return true;
            }

            time.Advance(step);
            return false;
        },
        "it comes true as time passes");
}
