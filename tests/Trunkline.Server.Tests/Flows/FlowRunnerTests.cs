using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Flows;

public sealed class FlowRunnerTests
{
    [Fact]
    public async Task Each_message_reaches_the_sink_once_and_in_order_of_its_key()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(20_000, 100);
        var pipelines = new FuncPipelines((input, _) => FuncPipelines.To(input), "out");
        var runner = fixture.Start(pipelines);
        await fixture.PublishAsync(5_000, 100);
        await fixture.HoldsAsync("out", 25_000);
        Assert.True(await runner.StopAsync(TimeSpan.FromSeconds(10)));
        await fixture.AssertEachOnceInOrderAsync("out", 25_000, 100);
        Assert.Equal(0, await fixture.LagAsync());
        Assert.Equal(25_000, runner.Status().Counts.Delivered);
        Assert.Equal(25_000, runner.Status().Counts.Out["out"]);
        Assert.Empty(pipelines.Misuse);
        Assert.Equal(0, pipelines.Alive);
    }

    [Fact]
    public async Task Order_per_key_holds_when_steps_wait_and_fail()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(4_000, 40);
        var pipelines = new FuncPipelines(
            async (input, _) =>
            {
                await Task.Yield();
                var number = input.Stored.Position.Offset;
                return number % 7 == 0 && input.Attempt < 3 ? FuncPipelines.Failed() : FuncPipelines.Delivered(input);
            },
            "out");
        var runner = fixture.Start(pipelines);
        await fixture.HoldsAsync("out", 4_000);
        Assert.True(await runner.StopAsync(TimeSpan.FromSeconds(10)));
        await fixture.AssertEachOnceInOrderAsync("out", 4_000, 40);
        Assert.True(runner.Status().Counts.Retries > 0);
        Assert.Empty(pipelines.Misuse);
        Assert.InRange(pipelines.Alive, 0, 0);
    }

    [Fact]
    public async Task A_key_that_waits_does_not_hold_up_the_others_and_what_is_done_above_it_is_not_run_again()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(2_000, 20);
        var ran = 0;
        var pipelines = new FuncPipelines(
            async (input, cancel) =>
            {
                if (input.Stored.Message.Key == MessageKey.FromText("k0"))
                {
                    await Task.Delay(Timeout.Infinite, cancel);
                }

                Interlocked.Increment(ref ran);
                return FuncPipelines.Delivered(input);
            },
            "out");
        var runner = fixture.Start(pipelines);
        await fixture.HoldsAsync("out", 1_900);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 100, "only k0 is left");
        Assert.False(await runner.StopAsync(TimeSpan.FromMilliseconds(50)));
        Assert.Equal(1_900, ran);

        // The next life runs only what was not completed.
        var second = new FuncPipelines((input, _) => FuncPipelines.To(input), "out");
        fixture.Start(second);
        await fixture.HoldsAsync("out", 2_000);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
        await fixture.AssertEachOnceInOrderAsync("out", 2_000, 20);
    }

    [Fact]
    public async Task Messages_without_key_are_all_delivered()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        for (var i = 0; i < 50; i++)
        {
            var messages = Enumerable.Range(0, 20).Select(n => FlowFixture.Text(null, $"{i}.{n}")).ToArray();
            await fixture.Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = messages }, FlowFixture.Cancel);
        }

        var runner = fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 1_000);
        Assert.Equal(1_000, (await fixture.PayloadsAsync("out")).Distinct().Count());
        Assert.Equal(FlowState.Running, runner.Status().State);
    }

    [Fact]
    public async Task A_dead_letter_holds_the_original_and_what_happened()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(1);
        var original = new Message
        {
            Id = new MessageId("m-1"),
            Source = "/mail",
            Key = MessageKey.FromText("k"),
            ContentType = "text/x-odd",
            Headers = Headers.Of([new Header("ce_type", "mail"), new Header("bin", new byte[] { 0, 255 }), new Header("tl-cause", "older")]),
            Payload = new byte[] { 1, 2, 0, 255 },
        };
        await fixture.Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [original, FlowFixture.Text("k", "next")] }, FlowFixture.Cancel);
        var pipelines = new FuncPipelines(
            (input, _) => input.Stored.Message.Id.Value == "m-1" ? new(FuncPipelines.Failed()) : FuncPipelines.To(input), "out");
        var runner = fixture.Start(pipelines);
        await fixture.HoldsAsync("out", 1);
        var dead = Assert.Single(await fixture.ReadAsync("f.dead")).Message;
        Assert.Equal(original.Payload.ToArray(), dead.Payload.ToArray());
        Assert.Equal((original.Id, original.Source, original.Key, original.ContentType), (dead.Id, dead.Source, dead.Key, dead.ContentType));
        Assert.Equal(new byte[] { 0, 255 }, dead.Headers.Single(h => h.Name == "bin").Value.ToArray());
        Assert.Equal("mail", dead.Headers.Text("ce_type"));
        Assert.Equal("step.expression-failed", Assert.Single(dead.Headers, h => h.Name == HeaderNames.Cause).Text);
        Assert.Equal("it failed", dead.Headers.Text(HeaderNames.CauseDetail));
        Assert.Equal("map-1", dead.Headers.Text(HeaderNames.Step));
        Assert.Equal("3", dead.Headers.Text(HeaderNames.Attempts));
        Assert.Equal("in/0/0", dead.Headers.Text(HeaderNames.Position));
        Assert.Equal("f", dead.Headers.Text(HeaderNames.Flow));
        Assert.Equal("1", dead.Headers.Text(HeaderNames.Revision));
        Assert.Equal("next", Assert.Single(await fixture.PayloadsAsync("out")));
        Assert.Equal((1, 2), (runner.Status().Counts.DeadLettered, runner.Status().Counts.Retries));
    }

    [Fact]
    public async Task A_terminal_fault_is_not_tried_again_and_a_filtered_message_ends_quietly()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(3, 3);
        var pipelines = new FuncPipelines(
            (input, _) => input.Stored.Position.Offset switch
            {
                0 => new(FuncPipelines.Failed(FaultClass.Terminal)),
                1 => new(new PipelineResult.Filtered("filter-1")),
                _ => throw new InvalidOperationException("secret"),
            },
            "out");
        var runner = fixture.Start(pipelines);
        await fixture.HoldsAsync("f.dead", 2);

        // Messages of different keys end in any order.
        var dead = (await fixture.ReadAsync("f.dead")).OrderBy(letter => letter.Message.Headers.Text(HeaderNames.Position), StringComparer.Ordinal).ToList();
        Assert.Equal("1", dead[0].Message.Headers.Text(HeaderNames.Attempts));
        Assert.Equal("flow.step-threw", dead[1].Message.Headers.Text(HeaderNames.Cause));
        Assert.DoesNotContain("secret", dead[1].Message.Headers.Text(HeaderNames.CauseDetail)!, StringComparison.Ordinal);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
        Assert.Equal((1, 2), (runner.Status().Counts.Filtered, runner.Status().Counts.DeadLettered));
    }

    [Fact]
    public async Task With_the_policy_stop_the_partition_stops_and_goes_on_when_resumed()
    {
        await using var fixture = new FlowFixture { OnFailure = FailurePolicy.Stop };
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(100, 10);
        var broken = true;
        var pipelines = new FuncPipelines(
            (input, _) => Volatile.Read(ref broken) && input.Stored.Position.Offset == 50
                ? new(FuncPipelines.Failed(FaultClass.Terminal))
                : FuncPipelines.To(input),
            "out");
        var runner = fixture.Start(pipelines);
        await Eventually.HoldsAsync(() => runner.Status().State == FlowState.PartlyStopped, "the partition stopped");
        Assert.Contains("in/0/50", Assert.Single(runner.Status().Stopped).Reason, StringComparison.Ordinal);
        Assert.Equal(0, await fixture.CountAsync("f.dead"));

        Volatile.Write(ref broken, false);
        runner.Resume();
        await fixture.HoldsAsync("out", 100);
        await fixture.AssertEachOnceInOrderAsync("out", 100, 10);
        await Eventually.HoldsAsync(() => runner.Status().State == FlowState.Running, "it runs");
    }

    [Fact]
    public async Task A_paused_flow_takes_nothing_until_resumed()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        var runner = fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"));
        await fixture.PublishAsync(100, 10);
        await fixture.HoldsAsync("out", 100);
        runner.Pause();
        Assert.Equal(FlowState.Paused, runner.Status().State);
        await fixture.PublishAsync(100, 10);
        runner.Resume();
        await fixture.HoldsAsync("out", 200);
        await fixture.AssertEachOnceInOrderAsync("out", 200, 10);
    }

    [Fact]
    public async Task What_is_too_large_for_its_sink_becomes_a_dead_letter()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(1);
        await fixture.PublishAsync(1, 1);
        var huge = new string('x', 33 * 1024 * 1024);
        fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input, payload: huge), "out"));
        await fixture.HoldsAsync("f.dead", 1);
        var dead = Assert.Single(await fixture.ReadAsync("f.dead")).Message;
        Assert.Equal("message.too-large", dead.Headers.Text(HeaderNames.Cause));
        Assert.Equal("k0:0", Encoding.UTF8.GetString(dead.Payload.Span));
    }
}
