using Trunkline.Messaging;
using Trunkline.Messaging.Consuming;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>Messages handed out one by one: leases, nacks, dead letters.</summary>
internal sealed class LeaseCases(BrokerStand stand)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    [Case(7)]
    public async Task A_second_message_of_a_key_is_not_delivered_before_the_first_is_acknowledged()
    {
        var (_, consumer) = await ConsumeAsync("a", "a");
        await using var _c = consumer;
        var first = Assert.Single(await stand.FetchAsync(consumer, 1));
        Assert.Empty(await consumer.FetchAsync(10, TimeSpan.FromMilliseconds(100), stand.Stop));
        await consumer.AckAsync([first.Receipt], stand.Stop);
        Assert.Equal(1, Assert.Single(await stand.FetchAsync(consumer, 1)).Stored.Position.Offset);
    }

    [Case(8)]
    public async Task A_nacked_message_is_delivered_again_and_its_delivery_count_rises_by_exactly_one()
    {
        var (_, consumer) = await ConsumeAsync("a");
        await using var _c = consumer;
        for (var count = 1; count <= 4; count++)
        {
            var delivery = Assert.Single(await stand.FetchAsync(consumer, 1));
            Assert.Equal(count, delivery.DeliveryCount);
            Assert.Equal([LeaseOutcome.Done], consumer.Nack([delivery.Receipt], TimeSpan.Zero));
        }
    }

    [Case(9)]
    public async Task A_nack_with_a_delay_is_not_redelivered_before_it_and_soon_after_it()
    {
        var (_, consumer) = await ConsumeAsync("a");
        await using var _c = consumer;
        var delivery = Assert.Single(await stand.FetchAsync(consumer, 1));
        consumer.Nack([delivery.Receipt], TimeSpan.FromHours(1));
        stand.Clock.Advance(TimeSpan.FromMinutes(55));
        Assert.Empty(await consumer.FetchAsync(1, TimeSpan.Zero, stand.Stop));
        stand.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, Assert.Single(await consumer.FetchAsync(1, TimeSpan.Zero, stand.Stop)).DeliveryCount);
    }

    [Case(10)]
    public async Task An_unacknowledged_message_is_redelivered_after_the_lease_and_not_earlier()
    {
        var (_, consumer) = await ConsumeAsync("a");
        await using var _c = consumer;
        Assert.Single(await stand.FetchAsync(consumer, 1));
        stand.Clock.Advance(Lease - TimeSpan.FromMinutes(5));
        Assert.Empty(await consumer.FetchAsync(1, TimeSpan.Zero, stand.Stop));
        stand.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, Assert.Single(await consumer.FetchAsync(1, TimeSpan.Zero, stand.Stop)).DeliveryCount);
    }

    [Case(11)]
    public async Task Extending_a_lease_prevents_redelivery_and_ceasing_to_extend_allows_it()
    {
        var (_, consumer) = await ConsumeAsync("a");
        await using var _c = consumer;
        var delivery = Assert.Single(await stand.FetchAsync(consumer, 1));
        for (var i = 0; i < 3; i++)
        {
            stand.Clock.Advance(Lease - TimeSpan.FromMinutes(5));
            Assert.Equal([LeaseOutcome.Done], consumer.Extend([delivery.Receipt], Lease));
            Assert.Empty(await consumer.FetchAsync(1, TimeSpan.Zero, stand.Stop));
        }

        stand.Clock.Advance(Lease);
        Assert.Single(await consumer.FetchAsync(1, TimeSpan.Zero, stand.Stop));
    }

    [Case(12)]
    public async Task A_rejected_message_is_never_redelivered_and_is_once_in_the_dead_letters_with_reason_position_and_count()
    {
        var (topic, consumer) = await ConsumeAsync("a", "a");
        await using var _c = consumer;
        var delivery = Assert.Single(await stand.FetchAsync(consumer, 1));
        Assert.Equal([LeaseOutcome.Done], await consumer.RejectAsync([delivery.Receipt], "not wanted", stand.Stop));
        Assert.Equal([LeaseOutcome.Stale], await consumer.RejectAsync([delivery.Receipt], "not wanted", stand.Stop));
        Assert.Equal(1, Assert.Single(await stand.FetchAsync(consumer, 1)).Stored.Position.Offset);

        var dead = Assert.Single(await stand.ReadAllAsync("g.dead")).Message;
        Assert.Equal(delivery.Stored.Message.Id, dead.Id);
        Assert.Equal(delivery.Stored.Message.Payload.ToArray(), dead.Payload.ToArray());
        Assert.Equal("rejected", dead.Headers.Text(HeaderNames.Cause));
        Assert.Equal("not wanted", dead.Headers.Text(HeaderNames.CauseDetail));
        Assert.Equal($"{topic}/{delivery.Stored.Position}", dead.Headers.Text(HeaderNames.Position));
        Assert.Equal("1", dead.Headers.Text(HeaderNames.Attempts));
    }

    [Case(13)]
    public async Task After_the_last_delivery_a_message_goes_to_the_dead_letters_and_its_key_goes_on()
    {
        var (_, consumer) = await ConsumeAsync("a", "a");
        await using var _c = consumer;
        for (var count = 1; count <= 5; count++)
        {
            var delivery = Assert.Single(await stand.FetchAsync(consumer, 1));
            Assert.Equal(0, delivery.Stored.Position.Offset);
            consumer.Nack([delivery.Receipt], TimeSpan.Zero);
        }

        Assert.Equal(1, Assert.Single(await stand.FetchAsync(consumer, 1)).Stored.Position.Offset);
        Assert.Equal("5", Assert.Single(await stand.ReadAllAsync("g.dead")).Message.Headers.Text(HeaderNames.Attempts));
    }

    [Case(14)]
    public async Task Acknowledging_twice_after_a_nack_and_after_the_lease_is_harmless_and_stale()
    {
        var (topic, consumer) = await ConsumeAsync("a", "b", "c");
        await using var _c = consumer;
        var fetched = await stand.FetchAsync(consumer, 3);
        Assert.Equal([LeaseOutcome.Done], await consumer.AckAsync([fetched[0].Receipt], stand.Stop));
        Assert.Equal([LeaseOutcome.Stale], await consumer.AckAsync([fetched[0].Receipt], stand.Stop));
        consumer.Nack([fetched[1].Receipt], TimeSpan.Zero);
        Assert.Equal([LeaseOutcome.Stale], await consumer.AckAsync([fetched[1].Receipt], stand.Stop));
        stand.Clock.Advance(Lease);
        Assert.Equal([LeaseOutcome.Stale], await consumer.AckAsync([fetched[2].Receipt], stand.Stop));
        Assert.Equal([fetched[1].Stored.Position, fetched[2].Stored.Position], (await stand.FetchAsync(consumer, 2)).Select(d => d.Stored.Position).Order(ByOffset));
        Assert.Equal(2, (await stand.StandingAsync(topic, "g")).Lag);
    }

    [Case(42)]
    public async Task A_slow_subscriber_never_holds_more_than_its_bound_and_slows_no_other()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 200).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        await using var slow = await stand.ConsumeAsync(topic, "slow", o => o with { LeasesMax = 7, Lease = Lease });
        Assert.Equal(7, (await stand.FetchAsync(slow, 7)).Count);
        Assert.Empty(await slow.FetchAsync(100, TimeSpan.FromMilliseconds(50), stand.Stop));

        await using var other = await stand.ConsumeAsync(topic, "other");
        var harvest = new Harvest();
        await Worker.RunAsync(stand, other, harvest, _ => true, () => harvest.Distinct == 200);
        Assert.Empty(await slow.FetchAsync(100, TimeSpan.Zero, stand.Stop));
    }

    private static Comparer<Position> ByOffset => Comparer<Position>.Create((a, b) => a.Offset.CompareTo(b.Offset));

    /// <summary>A topic of one partition with a message per key, and a consumer of it.</summary>
    private async Task<(string Topic, LeasedConsumer Consumer)> ConsumeAsync(params string[] keys)
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. keys.Select((k, i) => BrokerStand.Text(k, $"{i}"))]);
        return (topic, await stand.ConsumeAsync(topic, "g", o => o with { Lease = Lease }));
    }
}
