using Microsoft.Extensions.Time.Testing;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Flows;

public sealed class FlowFailureTests
{
    [Fact]
    public async Task A_commit_that_fails_for_the_moment_is_tried_again_and_nothing_is_lost_or_doubled()
    {
        await using var fixture = new FlowFixture { Limits = new FlowLimits { BrokerBackoffMax = TimeSpan.FromMilliseconds(1) } };
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(5_000, 50);
        var tries = 0;
        var broker = new BrokerWithFaults(fixture.Broker)
        {
            Before = _ => Interlocked.Increment(ref tries) % 3 == 0 ? throw new BrokerException(BrokerErrorCode.DiskFull, "no space") : Task.CompletedTask,
        };
        fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"), broker);
        await fixture.HoldsAsync("out", 5_000);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
        await fixture.AssertEachOnceInOrderAsync("out", 5_000, 50);
    }

    [Fact]
    public async Task A_commit_that_cannot_succeed_stops_the_flow_and_says_why()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(10, 1);
        var broker = new BrokerWithFaults(fixture.Broker) { Before = _ => throw new BrokerException(BrokerErrorCode.StoreFailed, "the disk failed") };
        var runner = fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"), broker);
        await Eventually.HoldsAsync(() => runner.Status().State == FlowState.Failed, "it failed");
        Assert.Contains("the disk failed", runner.Status().Reason, StringComparison.Ordinal);
        Assert.Equal(0, await fixture.CountAsync("out"));
    }

    [Fact]
    public async Task If_the_dead_letter_cannot_be_written_nothing_is_acknowledged()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(1, 1);
        var tries = 0;
        var broker = new BrokerWithFaults(fixture.Broker)
        {
            Before = unit =>
            {
                Interlocked.Increment(ref tries);
                return unit.Appends.Any(a => a.Topic == "f.dead") ? throw new BrokerException(BrokerErrorCode.Overloaded, "full") : Task.CompletedTask;
            },
        };
        var runner = fixture.Start(new FuncPipelines((_, _) => new(FuncPipelines.Failed(FaultClass.Terminal)), "out"), broker);
        await Eventually.HoldsAsync(() => Volatile.Read(ref tries) >= 3, "it was tried");
        Assert.Equal(0, await fixture.CountAsync("f.dead"));
        Assert.Equal(0, runner.Status().Counts.DeadLettered);
        await runner.StopAsync(TimeSpan.Zero);
        Assert.DoesNotContain(await fixture.Broker.DescribeGroupsAsync("in", FlowFixture.Cancel), g => g.Partitions[0].Next > 0);
    }

    [Fact]
    public async Task Lives_cut_short_at_any_moment_lose_and_double_nothing()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(20_000, 100);
        var random = new Random(7);
        for (var life = 0; life < 10; life++)
        {
            var runner = fixture.Start(new FuncPipelines(
                async (input, _) =>
                {
                    if (input.Stored.Position.Offset % 3 == 0)
                    {
                        await Task.Yield();
                    }

                    return FuncPipelines.Delivered(input);
                },
                "out"));
            var seen = await fixture.CountAsync("out");
            await fixture.HoldsAsync("out", Math.Min(20_000, seen + random.Next(1, 2_000)));
            await runner.DisposeAsync();
        }

        fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 20_000);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
        await fixture.AssertEachOnceInOrderAsync("out", 20_000, 100);
    }

    [Fact]
    public async Task Members_that_come_and_go_share_the_work_without_loss_double_or_disorder()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(8);
        await fixture.PublishAsync(10_000, 200);
        Step step = async (input, _) =>
        {
            if (input.Stored.Position.Offset % 5 == 0)
            {
                await Task.Yield();
            }

            return FuncPipelines.Delivered(input);
        };
        fixture.Start(new FuncPipelines(step, "out"));
        for (var i = 0; i < 6; i++)
        {
            var other = fixture.Start(new FuncPipelines(step, "out"));
            await fixture.PublishAsync(2_000, 200);
            await fixture.HoldsAsync("out", 2_000 * (i + 1));
            await other.DisposeAsync();
        }

        await fixture.HoldsAsync("out", 22_000);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
        await fixture.AssertEachOnceInOrderAsync("out", 22_000, 200);
    }

    [Fact]
    public async Task After_a_seek_the_group_starts_anew_and_old_work_does_not_count()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(2);
        await fixture.PublishAsync(1_000, 10);
        fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 1_000);
        await fixture.Broker.SeekAsync("in", "flow.f", new SeekTarget.Earliest(), FlowFixture.Cancel);
        await fixture.HoldsAsync("out", 2_000);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
        Assert.Equal(2_000, await fixture.CountAsync("out"));
    }

    [Fact]
    public async Task What_is_in_flight_has_a_bound()
    {
        await using var fixture = new FlowFixture
        {
            Limits = new FlowLimits { InFlightMessagesMax = 100, PartitionInFlightMax = 50, DeliveryMessagesMax = 10 },
        };
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(2_000, 100);
        var gate = new TaskCompletionSource();
        var runner = fixture.Start(new FuncPipelines(
            async (input, cancel) =>
            {
                await gate.Task.WaitAsync(cancel);
                return FuncPipelines.Delivered(input);
            },
            "out"));
        var most = 0;
        await Eventually.HoldsAsync(() => (most = Math.Max(most, runner.Status().InFlight)) >= 100, "it is full");
        await fixture.PublishAsync(100, 100);
        most = Math.Max(most, runner.Status().InFlight);
        gate.SetResult();
        await Eventually.HoldsAsync(
            async () =>
            {
                most = Math.Max(most, runner.Status().InFlight);
                return await fixture.CountAsync("out") >= 2_100;
            },
            "all arrive");
        Assert.InRange(most, 100, 109);
        await fixture.AssertEachOnceInOrderAsync("out", 2_100, 100);
    }

    [Fact]
    public async Task A_retry_waits_as_long_as_asked_and_others_go_on()
    {
        var time = new FakeTimeProvider();
        await using var fixture = new FlowFixture(time: time) { Retry = new RetryConfig(2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)) };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(20, 2);
        var runner = fixture.Start(new FuncPipelines(
            (input, _) => input.Stored.Position.Offset == 0 && input.Attempt == 1
                ? new(FuncPipelines.Failed(after: TimeSpan.FromSeconds(30)))
                : FuncPipelines.To(input),
            "out"));
        await fixture.HoldsAsync("out", 10);
        await Eventually.HoldsAsync(() => runner.Status().HeldBack == 10, "the key waits");
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(10, await fixture.CountAsync("out"));
        time.Advance(TimeSpan.FromSeconds(1));
        await fixture.HoldsAsync("out", 20);
        await fixture.AssertEachOnceInOrderAsync("out", 20, 2);
    }

    [Fact]
    public void Waits_lie_between_the_bounds_and_grow()
    {
        var retry = new RetryConfig(5, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
        var fault = new StepFault("step.x", "s", "d", FaultClass.Retryable);
        for (var attempt = 1; attempt < 5; attempt++)
        {
            var least = RetrySchedule.Next(retry, fault, attempt, 0, TimeSpan.FromMinutes(5));
            var most = RetrySchedule.Next(retry, fault, attempt, 0.999999, TimeSpan.FromMinutes(5));
            Assert.Equal(TimeSpan.FromMilliseconds(200), least);
            Assert.InRange(most!.Value, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(200 * Math.Pow(2, attempt)));
        }

        Assert.Null(RetrySchedule.Next(retry, fault, 5, 0, TimeSpan.FromMinutes(5)));
        Assert.Null(RetrySchedule.Next(retry, fault with { Class = FaultClass.Terminal }, 1, 0, TimeSpan.FromMinutes(5)));
        var year = RetrySchedule.Next(retry, fault with { RetryAfter = TimeSpan.FromDays(365) }, 1, 0, TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(5), year);
        var endless = new RetryConfig(100, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
        Assert.InRange(RetrySchedule.Next(endless, fault, 99, 1, TimeSpan.Zero)!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Over_a_switch_messages_finish_on_the_revision_they_began_with()
    {
        var time = new FakeTimeProvider();
        await using var fixture = new FlowFixture(time: time) { Retry = new RetryConfig(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) };
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(100, 10);
        var first = new FuncPipelines(
            (input, _) => input.Stored.Message.Key!.Value.ToString() == "k3" && input.Attempt == 1
                ? new(FuncPipelines.Failed())
                : FuncPipelines.To(input, payload: "1"),
            "out");
        var second = new FuncPipelines((input, _) => FuncPipelines.To(input, payload: "2"), "other");
        var one = fixture.Revision(first);
        var runner = fixture.Start(first);
        await fixture.HoldsAsync("out", 90);
        await Eventually.HoldsAsync(() => runner.Status().HeldBack == 10, "k3 waits");

        runner.Switch(fixture.Revision(second, 2));
        await fixture.PublishAsync(100, 10);
        await fixture.HoldsAsync("other", 90);
        Assert.Equal(90, await fixture.CountAsync("out"));
        Assert.True(first.Alive > 0);
        time.Advance(TimeSpan.FromSeconds(1));

        // The one that began finishes on revision 1; those that waited behind it begin on revision 2.
        await fixture.HoldsAsync("other", 109);
        Assert.Equal(91, await fixture.CountAsync("out"));
        await Eventually.HoldsAsync(() => first.Alive == 0, "revision 1 is gone");
        Assert.Equal(2, runner.Status().Revision);
        Assert.NotNull(one);
    }

    [Fact]
    public async Task Switches_under_load_lose_and_double_nothing()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        var factories = new List<FuncPipelines>();
        FuncPipelines New()
        {
            var made = new FuncPipelines(
                async (input, _) =>
                {
                    await Task.Yield();
                    return input.Attempt == 1 && input.Stored.Position.Offset % 11 == 0 ? FuncPipelines.Failed() : FuncPipelines.Delivered(input);
                },
                "out");
            factories.Add(made);
            return made;
        }

        var runner = fixture.Start(New());
        for (var revision = 2; revision <= 20; revision++)
        {
            await fixture.PublishAsync(1_000, 50);
            runner.Switch(fixture.Revision(New(), revision));
        }

        await fixture.HoldsAsync("out", 19_000);
        await Eventually.HoldsAsync(() => factories.SkipLast(1).All(f => f.Alive == 0), "older revisions are gone");
        Assert.True(await runner.StopAsync(TimeSpan.FromSeconds(10)));
        await fixture.AssertEachOnceInOrderAsync("out", 19_000, 50);
        Assert.All(factories, f => Assert.Equal(0, f.Alive));
        Assert.All(factories, f => Assert.Empty(f.Misuse));
    }
}
