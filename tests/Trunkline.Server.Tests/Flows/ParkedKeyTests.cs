using System.Text;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Flows;

public sealed class ParkedKeyTests
{
    private static readonly MessageKey Key = MessageKey.FromText("k3");

    [Fact]
    public async Task Later_messages_of_a_key_that_failed_wait_in_order_and_are_released_in_sequence()
    {
        await using var fixture = new FlowFixture { OnFailure = FailurePolicy.ParkKey };
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(1_000, 10);
        var broken = true;
        var pipelines = new FuncPipelines(
            (input, _) => Volatile.Read(ref broken) && Encoding.UTF8.GetString(input.Stored.Message.Payload.Span) == "k3:5"
                ? new(FuncPipelines.Failed())
                : FuncPipelines.To(input),
            "out");
        var first = fixture.Start(pipelines);
        await fixture.HoldsAsync("out", 905);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done or parked");
        Assert.Equal(1, await fixture.CountAsync("f.dead"));
        Assert.Equal(95, await fixture.CountAsync("trunkline.parked.f"));
        Assert.Equal((1, 94), (first.Status().Counts.DeadLettered, first.Status().Counts.Parked));

        // Parked keys survive the end of the flow, and more may come.
        await first.DisposeAsync();
        var second = fixture.Start(pipelines);
        await fixture.PublishAsync(100, 10);
        await fixture.HoldsAsync("out", 995);
        await fixture.HoldsAsync("trunkline.parked.f", 105);
        Assert.Equal((1, 105), (second.Status().ParkedKeys, Assert.Single(second.Parked(10)).Waiting));

        // Released before it is mended, it fails again, and the rest goes on waiting.
        Assert.Equal(KeyReleaseResult.FailedAgain, await second.ReleaseAsync(new KeyReleaseOrder(Key) { SkipFailed = false }, FlowFixture.Cancel));
        await fixture.HoldsAsync("f.dead", 2);
        Volatile.Write(ref broken, false);
        Assert.Equal(KeyReleaseResult.Released, await second.ReleaseAsync(new KeyReleaseOrder(Key) { SkipFailed = false }, FlowFixture.Cancel));
        await fixture.PublishAsync(100, 10);
        await fixture.HoldsAsync("out", 1_200);
        await fixture.AssertEachOnceInOrderAsync("out", 1_200, 10);
        Assert.Equal(0, second.Status().ParkedKeys);
        Assert.Equal(KeyReleaseResult.NotParked, await second.ReleaseAsync(new KeyReleaseOrder(Key) { SkipFailed = false }, FlowFixture.Cancel));
    }

    [Fact]
    public async Task A_release_under_load_keeps_the_order_and_one_cut_short_goes_on_where_it_was()
    {
        await using var fixture = new FlowFixture { OnFailure = FailurePolicy.ParkKey };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(2_000, 4);
        var broken = true;
        var pipelines = new FuncPipelines(
            async (input, _) =>
            {
                await Task.Yield();
                return Volatile.Read(ref broken) && input.Stored.Message.Key == Key
                    ? FuncPipelines.Failed(FaultClass.Terminal)
                    : FuncPipelines.Delivered(input);
            },
            "out");
        var runner = fixture.Start(pipelines);
        await fixture.HoldsAsync("trunkline.parked.f", 500);
        Volatile.Write(ref broken, false);
        var released = runner.ReleaseAsync(new KeyReleaseOrder(Key) { SkipFailed = false }, FlowFixture.Cancel);
        await fixture.HoldsAsync("out", 1_600);
        await runner.DisposeAsync();
        // Cut short, as meant; it may also have been through already.
        Assert.True(await released is KeyReleaseResult.Interrupted or KeyReleaseResult.Released);
        var next = fixture.Start(pipelines);
        var publishing = fixture.PublishAsync(400, 4);
        await Eventually.HoldsAsync(() => next.Status().InFlight > 0 || next.Status().Counts.In > 0, "it runs");
        Assert.True(await next.ReleaseAsync(new KeyReleaseOrder(Key) { SkipFailed = false }, FlowFixture.Cancel) is KeyReleaseResult.Released or KeyReleaseResult.NotParked);
        await publishing;
        await fixture.HoldsAsync("out", 2_400);
        await fixture.AssertEachOnceInOrderAsync("out", 2_400, 4);
    }

    [Fact]
    public async Task The_failed_message_may_be_left_out_and_the_original_is_what_runs_again()
    {
        await using var fixture = new FlowFixture { OnFailure = FailurePolicy.ParkKey };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(4, 1);
        var seen = new List<string>();
        var runner = fixture.Start(new FuncPipelines(
            (input, _) =>
            {
                lock (seen)
                {
                    seen.Add($"{input.Stored.Position}{(input.Stored.Message.Headers.Text(ParkedKey.Header) is null ? "" : "!")}");
                }

                return input.Stored.Position.Offset == 1 ? new(FuncPipelines.Failed(FaultClass.Terminal)) : FuncPipelines.To(input);
            },
            "out"));
        await fixture.HoldsAsync("trunkline.parked.f", 3);
        Assert.Equal(KeyReleaseResult.Released, await runner.ReleaseAsync(new KeyReleaseOrder(MessageKey.FromText("k0")) { SkipFailed = true }, FlowFixture.Cancel));
        Assert.Equal(["k0:0", "k0:2", "k0:3"], await fixture.PayloadsAsync("out"));
        Assert.Equal(["0/0", "0/1", "0/2", "0/3"], seen);
    }

    [Fact]
    public async Task Messages_without_key_are_dead_letters_that_park_nothing()
    {
        await using var fixture = new FlowFixture { OnFailure = FailurePolicy.ParkKey };
        await fixture.CreateTopicsAsync(1);
        await fixture.Broker.AppendAsync(
            new Trunkline.Messaging.Brokers.TopicAppend { Topic = "in", Messages = [FlowFixture.Text(null, "a"), FlowFixture.Text(null, "b")] },
            FlowFixture.Cancel);
        var runner = fixture.Start(new FuncPipelines(
            (input, _) => input.Stored.Position.Offset == 0 ? new(FuncPipelines.Failed(FaultClass.Terminal)) : FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 1);
        await fixture.HoldsAsync("f.dead", 1);
        Assert.Equal(0, runner.Status().ParkedKeys);
    }
}
