using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Memory;

public class MemoryBrokerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_appended_delivered_and_committed()
    {
        await using var broker = new MemoryBroker(TimeProvider.System);
        await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1 }, Stop);
        await using var subscription = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, Stop);
        var assigned = Assert.IsType<SubscriptionEvent.Assigned>(await subscription.ReceiveAsync(10, Stop));
        Assert.Equal(0, Assert.Single(assigned.Partitions).Progress.Next);

        var receive = subscription.ReceiveAsync(10, Stop).AsTask();
        await broker.AppendAsync(new TopicAppend { Topic = "t", Messages = [new Message { Payload = new byte[] { 1 } }] }, Stop);
        var delivered = Assert.IsType<SubscriptionEvent.Delivered>(await receive);
        Assert.Equal(new Position(0, 0), Assert.Single(delivered.Messages).Position);

        await broker.CommitAsync(new CommitUnit { Fence = subscription.Fence, Positions = [new PositionUpdate("t", 0, Progress.At(1))] }, Stop);
        var group = Assert.Single(await broker.DescribeGroupsAsync("t", Stop));
        Assert.Equal((1L, 0L), (group.Partitions[0].Next!.Value, group.Partitions[0].Lag));
    }

    [Fact]
    public async Task At_its_bound_it_refuses_and_keeps_what_it_has()
    {
        await using var broker = new MemoryBroker(TimeProvider.System, new MemoryBrokerOptions { BytesMax = 4096 });
        await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1 }, Stop);
        var append = new TopicAppend { Topic = "t", Messages = [new Message { Payload = new byte[3000] }] };
        await broker.AppendAsync(append, Stop);
        var refused = await Assert.ThrowsAsync<BrokerException>(async () => await broker.AppendAsync(append, Stop));
        Assert.Equal(BrokerErrorCode.Overloaded, refused.Code);
        Assert.Single(await broker.ReadAsync(new ReadRequest("t", 0, 0, 10), Stop));
    }

    [Fact]
    public async Task A_group_that_never_committed_leaves_nothing_behind()
    {
        await using var broker = new MemoryBroker(TimeProvider.System);
        await broker.CreateTopicAsync(new TopicSettings { Name = "t" }, Stop);
        var subscription = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "passing" }, Stop);
        Assert.Single(await broker.DescribeGroupsAsync("t", Stop));
        await subscription.DisposeAsync();
        Assert.Empty(await broker.DescribeGroupsAsync("t", Stop));
    }
}
