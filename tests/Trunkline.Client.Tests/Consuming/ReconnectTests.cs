using System.Collections.Concurrent;
using Trunkline.Client.Consuming;

namespace Trunkline.Client.Tests.Consuming;

public sealed class ReconnectTests : ClientTest
{
    [Fact]
    public async Task A_node_that_cannot_be_reached_is_waited_for()
    {
        await PublishAsync(3);
        Connection.Fail("fetch", before: 3, after: 0);
        var trouble = new ConcurrentQueue<Exception>();
        await using var consumer = Consume(new ConsumeOptions { Trouble = (failure, _) => trouble.Enqueue(failure) }, (_, _) => ValueTask.CompletedTask);
        await UntilAsync(async () => await LagAsync() == 0, "all are acknowledged");
        Assert.Equal(3, trouble.OfType<NodeUnreachableException>().Count());
    }

    [Fact]
    public async Task An_acknowledgement_whose_answer_is_lost_is_sent_again_and_nothing_is_handled_twice()
    {
        await PublishAsync(10);
        Connection.Fail("ack", before: 1, after: 1);
        var handled = 0;
        await using var consumer = Consume(new ConsumeOptions(), (_, _) =>
        {
            Interlocked.Increment(ref handled);
            return ValueTask.CompletedTask;
        });
        await UntilAsync(async () => await LagAsync() == 0 && Connection.Reached("ack") >= 2, "all are acknowledged, some twice");
        NodeTime.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await FreeAsync());
        Assert.Equal(10, handled);
    }

    [Fact]
    public async Task A_refusal_that_will_not_pass_ends_the_consumer_with_it()
    {
        await using var consumer = new RunningConsumer(stop => Client.Group("no.such.topic", "readers").ConsumeAsync((_, _) => ValueTask.CompletedTask, null, stop));
        var refused = await Assert.ThrowsAsync<TrunklineException>(consumer.EndedAsync);
        Assert.Equal("topic.not-found", refused.Code);
    }
}
