using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Messaging.Tests.Consuming;

public sealed class LeasedConsumerTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryBroker _broker;

    public LeasedConsumerTests() => _broker = new MemoryBroker(_time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_key_gives_its_next_message_only_after_the_former_is_settled()
    {
        await using var consumer = await OpenAsync("a", "a", "b");
        var first = await FetchAsync(consumer, 2);
        Assert.Equal(["a", "b"], first.Select(KeyOf).Order());
        Assert.Empty(await consumer.FetchAsync(10, TimeSpan.Zero, Stop));

        await consumer.AckAsync([first.Single(d => KeyOf(d) == "a").Receipt], Stop);
        var second = Assert.Single(await consumer.FetchAsync(10, TimeSpan.Zero, Stop));
        Assert.Equal(("a", 1), (KeyOf(second), second.DeliveryCount));
    }

    [Fact]
    public async Task A_nacked_message_comes_again_after_its_delay_and_before_the_rest_of_its_key()
    {
        await using var consumer = await OpenAsync("a", "a");
        var first = Assert.Single(await FetchAsync(consumer, 1));
        Assert.Equal([LeaseOutcome.Done], consumer.Nack([first.Receipt], TimeSpan.FromSeconds(5)));
        Assert.Empty(await consumer.FetchAsync(10, TimeSpan.Zero, Stop));

        var waiting = consumer.FetchAsync(10, TimeSpan.FromMinutes(1), Stop).AsTask();
        await AdvanceUntilAsync(waiting, TimeSpan.FromSeconds(5));
        var again = Assert.Single(await waiting);
        Assert.Equal((first.Stored.Position, 2), (again.Stored.Position, again.DeliveryCount));
    }

    [Fact]
    public async Task A_lease_that_runs_out_makes_its_receipt_stale_and_extending_keeps_it()
    {
        await using var consumer = await OpenAsync("a");
        var first = Assert.Single(await FetchAsync(consumer, 1));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal([LeaseOutcome.Done], consumer.Extend([first.Receipt], TimeSpan.FromSeconds(30)));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(await consumer.FetchAsync(1, TimeSpan.Zero, Stop));

        _time.Advance(TimeSpan.FromSeconds(10));
        var again = Assert.Single(await consumer.FetchAsync(1, TimeSpan.Zero, Stop));
        Assert.Equal([LeaseOutcome.Stale], await consumer.AckAsync([first.Receipt], Stop));
        Assert.Equal([LeaseOutcome.Stale], consumer.Nack([first.Receipt], TimeSpan.Zero));
        Assert.Equal([LeaseOutcome.Done, LeaseOutcome.Stale], await consumer.AckAsync([again.Receipt, again.Receipt], Stop));
    }

    [Fact]
    public async Task After_the_last_delivery_a_message_is_dead_lettered_and_its_key_goes_on()
    {
        await using var consumer = await OpenAsync("a", "a");
        for (var count = 1; count <= 3; count++)
        {
            var delivery = Assert.Single(await FetchAsync(consumer, 1));
            Assert.Equal((0L, count), (delivery.Stored.Position.Offset, delivery.DeliveryCount));
            consumer.Nack([delivery.Receipt], TimeSpan.Zero);
        }

        Assert.Equal(1, Assert.Single(await FetchAsync(consumer, 1)).Stored.Position.Offset);
        var dead = Assert.Single(await _broker.ReadAsync(new ReadRequest("g.dead", 0, 0, 10), Stop)).Message;
        Assert.Equal(("deliveries-exhausted", "3", "t/0/0"),
            (dead.Headers.Text(HeaderNames.Cause), dead.Headers.Text(HeaderNames.Attempts), dead.Headers.Text(HeaderNames.Position)));
    }

    [Fact]
    public async Task Delivery_counts_and_completed_work_survive_the_consumer()
    {
        var consumer = await OpenAsync("a", "b");
        var first = await FetchAsync(consumer, 2);
        await consumer.AckAsync([first.Single(d => d.Stored.Position.Offset == 1).Receipt], Stop);
        await consumer.DisposeAsync();

        await using var next = await LeasedConsumer.OpenAsync(_broker, Options, _time, Stop);
        var again = Assert.Single(await FetchAsync(next, 1));
        Assert.Empty(await next.FetchAsync(1, TimeSpan.Zero, Stop));
        Assert.Equal((0L, 2), (again.Stored.Position.Offset, again.DeliveryCount));
        Assert.Equal([LeaseOutcome.Stale], await next.AckAsync([first[0].Receipt], Stop));
    }

    [Fact]
    public async Task A_stuck_key_holds_up_no_more_than_the_window()
    {
        await using var consumer = await OpenAsync([.. Enumerable.Repeat("stuck", 9), "free"], Options with { WindowMessages = 8 });
        var stuck = Assert.Single(await FetchAsync(consumer, 1));
        Assert.Empty(await consumer.FetchAsync(10, TimeSpan.Zero, Stop));
        await consumer.AckAsync([stuck.Receipt], Stop);
        var second = Assert.Single(await FetchAsync(consumer, 1));
        await consumer.AckAsync([second.Receipt], Stop);

        // Two were settled, so the tenth message is in the window now.
        Assert.Equal(["stuck", "free"], (await FetchAsync(consumer, 2)).Select(KeyOf));
    }

    [Fact]
    public async Task A_refused_dead_letter_leaves_the_message_where_it_was()
    {
        await _broker.CreateTopicAsync(new TopicSettings { Name = "tiny", Partitions = 1, MessageBytesMax = 1 }, Stop);
        await using var consumer = await OpenAsync(["a"], Options with { DeadLetterTopic = "tiny" });
        var delivery = Assert.Single(await FetchAsync(consumer, 1));
        var refused = await Assert.ThrowsAsync<BrokerException>(async () => await consumer.RejectAsync([delivery.Receipt], "no", Stop));
        Assert.Equal(BrokerErrorCode.MessageTooLarge, refused.Code);
        Assert.Equal([LeaseOutcome.Done], await consumer.AckAsync([delivery.Receipt], Stop));
    }

    [Fact]
    public async Task Deleting_the_topic_ends_the_consumer_with_a_typed_error()
    {
        await using var consumer = await OpenAsync("a");
        await FetchAsync(consumer, 1);
        var waiting = consumer.FetchAsync(1, TimeSpan.FromMinutes(1), Stop).AsTask();
        await _broker.DeleteTopicAsync("t", Stop);
        Assert.Equal(BrokerErrorCode.TopicNotFound, (await Assert.ThrowsAsync<BrokerException>(() => waiting.WaitAsync(Patience, Stop))).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("-1.2.3.0")]
    [InlineData("0.0.0.123456789")]
    [InlineData("0. 0.0.0")]
    [InlineData("99999999999.0.0.0")]
    public void A_receipt_that_was_never_given_is_not_read(string text) => Assert.False(Receipt.TryParse(text, out _));

    [Fact]
    public void A_receipt_reads_back()
    {
        var receipt = new Receipt(new Position(3, long.MaxValue), 17, 0xdeadbeef);
        Assert.True(Receipt.TryParse(receipt.ToString(), out var read));
        Assert.Equal(receipt, read);
    }

    private static LeasedConsumerOptions Options => new() { Topic = "t", Group = "g", DeliveriesMax = 3 };

    private static string KeyOf(LeasedDelivery delivery) => delivery.Stored.Message.Key.ToString()!;

    private ValueTask<LeasedConsumer> OpenAsync(params string[] keys) => OpenAsync(keys, Options);

    private async ValueTask<LeasedConsumer> OpenAsync(string[] keys, LeasedConsumerOptions options)
    {
        await _broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1 }, Stop);
        await _broker.AppendAsync(new TopicAppend { Topic = "t", Messages = [.. keys.Select(k => new Message { Key = MessageKey.FromText(k) })] }, Stop);
        return await LeasedConsumer.OpenAsync(_broker, options, _time, Stop);
    }

    /// <summary>Fetches until so many came; the fake clock stands still, so no lease runs out meanwhile.</summary>
    private static async Task<List<LeasedDelivery>> FetchAsync(LeasedConsumer consumer, int count)
    {
        var fetched = new List<LeasedDelivery>();
        while (fetched.Count < count)
        {
            fetched.AddRange(await consumer.FetchAsync(count - fetched.Count, TimeSpan.FromMinutes(1), Stop).AsTask().WaitAsync(Patience, Stop));
        }

        return fetched;
    }

    /// <summary>The waiter's timer may start after an advance, so the clock moves again until it fires.</summary>
    private async Task AdvanceUntilAsync(Task waiting, TimeSpan step)
    {
        for (var i = 0; i < 1000 && !waiting.IsCompleted; i++)
        {
            _time.Advance(step);
            await Task.Yield();
        }
    }
}
