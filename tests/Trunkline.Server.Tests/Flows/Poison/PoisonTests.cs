using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Poison;

namespace Trunkline.Server.Tests.Flows.Poison;

/// <summary>
/// What kills the process three times. A death is a life whose broker takes nothing any more; the real thing, a process that ends
/// itself, is tried with the crash tests.
/// </summary>
public sealed class PoisonTests
{
    private static readonly Guid ThisProcess = Guid.NewGuid();
    private static readonly Guid Other = Guid.NewGuid();

    [Fact]
    public async Task The_third_death_makes_the_message_that_ran_alone_a_dead_letter_and_all_others_go_through()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(2);
        await fixture.PublishAsync(200, 10);
        for (var life = 1; life <= 3; life++)
        {
            await DieAsync(fixture, "k3:7");
            Assert.Equal(0, await fixture.CountAsync("f.dead"));
        }

        fixture.Start(new FuncPipelines(
            (input, _) => Payload(input) == "k3:7" ? throw new InvalidOperationException("it was run a fourth time") : FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 199);
        var dead = Assert.Single(await fixture.ReadAsync("f.dead")).Message;
        Assert.Equal(("k3:7", "flow.poison", "3"), (Encoding.UTF8.GetString(dead.Payload.Span), dead.Headers.Text(HeaderNames.Cause), dead.Headers.Text(HeaderNames.Attempts)));
        await fixture.PublishAsync(100, 10);
        await fixture.HoldsAsync("out", 299);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
        var payloads = await fixture.PayloadsAsync("out");
        Assert.Equal(299, payloads.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 30).Where(n => n != 7).Select(n => $"k3:{n}"), payloads.Where(p => p.StartsWith("k3:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Deaths_with_progress_between_them_blame_nobody()
    {
        await using var fixture = new FlowFixture { Limits = new FlowLimits { PartitionInFlightMax = 20, DeliveryMessagesMax = 10 } };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(400, 4);
        foreach (var killer in new[] { "k1:10", "k1:30", "k1:50", "k1:70" })
        {
            await DieAsync(fixture, killer);
        }

        fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 400);
        Assert.Equal(0, await fixture.CountAsync("f.dead"));
        await fixture.AssertEachOnceInOrderAsync("out", 400, 4);
    }

    [Fact]
    public async Task An_orderly_end_is_no_death()
    {
        await using var fixture = new FlowFixture { Retry = new RetryConfig(100, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)) };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(1, 1);
        for (var life = 0; life < 5; life++)
        {
            var began = new TaskCompletionSource();
            var runner = fixture.Start(new FuncPipelines(
                async (_, cancel) =>
                {
                    began.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
                    return FuncPipelines.Failed();
                },
                "out"),
                process: Guid.NewGuid());
            await began.Task.WaitAsync(FlowFixture.Cancel);
            await runner.DisposeAsync();
        }

        fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 1);
        Assert.Equal(0, await fixture.CountAsync("f.dead"));
    }

    [Fact]
    public async Task A_delayed_message_that_kills_the_process_at_its_later_tries_is_poison_too()
    {
        await using var fixture = new FlowFixture
        {
            Retry = new RetryConfig(1, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1))
            {
                Later = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(5), 20)],
            },
        };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(3, 1);
        for (var life = 1; life <= 3; life++)
        {
            var died = new TaskCompletionSource();
            var broker = new BrokerWithFaults(fixture.Broker);
            var runner = fixture.Start(
                new FuncPipelines(
                    async (input, cancel) =>
                    {
                        if (Payload(input) != "k0:0")
                        {
                            return FuncPipelines.Delivered(input);
                        }

                        if (input.Attempt == 1)
                        {
                            return FuncPipelines.Failed();
                        }

                        Kill(broker, died);
                        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
                        return FuncPipelines.Failed();
                    },
                    "out"),
                broker,
                Guid.NewGuid());
            await died.Task.WaitAsync(FlowFixture.Cancel);
            await runner.DisposeAsync();
        }

        fixture.Start(new FuncPipelines(
            (input, _) => Payload(input) == "k0:0" ? throw new InvalidOperationException("it was run again") : FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 2);
        Assert.Equal("flow.poison", Assert.Single(await fixture.ReadAsync("f.dead")).Message.Headers.Text(HeaderNames.Cause));
        Assert.Equal(["k0:1", "k0:2"], await fixture.PayloadsAsync("out"));
    }

    [Fact]
    public void What_follows_from_the_last_life_is_decided_by_what_it_left_undone()
    {
        var first = PartitionLife.After(null, ThisProcess, Progress.At(5), 100, 10);
        Assert.Equal((0, false, false), (first.Deaths, first.IsCareful, first.IsAfterDeath));
        Assert.Equal(0, PartitionLife.After(first, ThisProcess, Progress.At(5), 100, 10).Deaths);

        var second = PartitionLife.After(first, Other, Progress.At(5), 100, 10);
        Assert.Equal((1, 14, false), (second.Deaths, second.LastSuspect, second.IsCareful));
        var third = PartitionLife.After(second, ThisProcess, Progress.At(9), 100, 10);
        Assert.Equal((2, 14, true), (third.Deaths, third.LastSuspect, third.IsCareful));
        Assert.Equal(1, PartitionLife.After(second, ThisProcess, Progress.At(15), 100, 10).Deaths);
        Assert.Equal(0, PartitionLife.After(second, ThisProcess, Progress.At(100), 100, 10).Deaths);

        var alone = PartitionLife.Read((third with { AtWork = 12 }).Write());
        Assert.Equal(12, PartitionLife.After(alone, Other, Progress.At(9), 100, 10).Poison);
        Assert.Equal(-1, PartitionLife.After(alone, Other, new Progress(9, [new OffsetRange(12, 13)]), 100, 10).Poison);
        Assert.Throws<BrokerException>(() => PartitionLife.Read([1, 2, 3]));
    }

    /// <summary>A life that ends at a message: what was not committed by then never is, and no orderly end is kept.</summary>
    private static async Task DieAsync(FlowFixture fixture, string killer)
    {
        var died = new TaskCompletionSource();
        var broker = new BrokerWithFaults(fixture.Broker);
        var runner = fixture.Start(
            new FuncPipelines(
                async (input, cancel) =>
                {
                    if (Payload(input) == killer)
                    {
                        Kill(broker, died);
                    }

                    if (died.Task.IsCompleted)
                    {
                        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
                    }

                    return FuncPipelines.Delivered(input);
                },
                "out"),
            broker,
            Guid.NewGuid());
        await died.Task.WaitAsync(TimeSpan.FromSeconds(60), FlowFixture.Cancel);
        await runner.DisposeAsync();
    }

    private static void Kill(BrokerWithFaults broker, TaskCompletionSource died)
    {
        broker.Before = _ => throw new BrokerException(BrokerErrorCode.Closed, "the process is dead");
        died.TrySetResult();
    }

    private static string Payload(Trunkline.Server.Steps.PipelineInput input) => Encoding.UTF8.GetString(input.Stored.Message.Payload.Span);
}
