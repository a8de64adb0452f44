using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>Order per key, and how far a group has come when work completes in any order.</summary>
internal sealed class OrderCases(BrokerStand stand)
{
    [Case(18)]
    public async Task Order_per_key_equals_publish_order_with_sixteen_keys_and_ten_subscribers()
    {
        var topic = await stand.CreateTopicAsync(4);
        var consumers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => stand.ConsumeAsync(topic, "g")));
        var harvest = new Harvest();
        for (var i = 0; i < 50; i++)
        {
            await stand.AppendAsync(topic, [.. Enumerable.Range(0, 16).Select(k => BrokerStand.Text($"k{k}", $"{i:00}"))]);
        }

        await Task.WhenAll(consumers.Select(c => Worker.RunAsync(stand, c, harvest, _ => true, () => harvest.Distinct == 800)));
        var expected = Enumerable.Range(0, 50).Select(i => $"{i:00}").ToList();
        Assert.All(Enumerable.Range(0, 16), k => Assert.Equal(expected, harvest.OfKey($"k{k}")));
        await Task.WhenAll(consumers.Select(c => c.DisposeAsync().AsTask()));
    }

    [Case(19)]
    public async Task Order_per_key_holds_when_a_message_fails_twice_and_then_succeeds()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 20).Select(i => BrokerStand.Text($"k{i % 2}", $"{i:00}"))]);
        await using var consumer = await stand.ConsumeAsync(topic, "g");
        var harvest = new Harvest();
        var failures = 2;
        await Worker.RunAsync(stand, consumer, harvest, d => BrokerStand.TextOf(d.Stored) != "06" || --failures < 0, () => harvest.Distinct == 20);
        Assert.Equal(harvest.OfKey("k0").Order(), harvest.OfKey("k0"));
        Assert.Equal(harvest.OfKey("k1").Order(), harvest.OfKey("k1"));
        Assert.Equal(3, harvest.Acked.Single(d => BrokerStand.TextOf(d.Stored) == "06").DeliveryCount);
    }

    [Case(20)]
    public async Task A_failing_key_does_not_hold_up_other_keys()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 200).Select(i => BrokerStand.Text(i % 10 == 0 ? "bad" : $"k{i % 10}", $"{i}"))]);
        await using var consumer = await stand.ConsumeAsync(topic, "g", o => o with { DeliveriesMax = 1000 });
        var harvest = new Harvest();
        await Worker.RunAsync(stand, consumer, harvest, d => d.Stored.Message.Key?.ToString() != "bad", () => harvest.Distinct == 180);
        Assert.Empty(harvest.OfKey("bad"));
        Assert.Equal(0, (await stand.StandingAsync(topic, "g")).Next);
        Assert.Equal(stand.Has(BrokerCapabilities.CompletedAbove) ? 20 : 200, (await stand.StandingAsync(topic, "g")).Lag);
    }

    [Case(21)]
    public async Task With_completion_out_of_order_the_committed_position_never_passes_the_lowest_incomplete_message()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 50).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        await using var consumer = await stand.ConsumeAsync(topic, "g");
        var open = await stand.FetchAsync(consumer, 50);
        var random = new Random(11);
        while (open.Count > 0)
        {
            var next = open[random.Next(open.Count)];
            open.Remove(next);
            await consumer.AckAsync([next.Receipt], stand.Stop);
            Assert.Equal(open.Count > 0 ? open.Min(d => d.Stored.Position.Offset) : 50, (await stand.StandingAsync(topic, "g")).Next);
        }
    }

    [Case(22, BrokerCapabilities.CompletedAbove)]
    public async Task After_a_restart_messages_completed_above_the_position_are_skipped_and_the_others_come_again_counted()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 10).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        var consumer = await stand.ConsumeAsync(topic, "g");
        var fetched = await stand.FetchAsync(consumer, 10);
        await consumer.AckAsync([.. fetched.Where(d => d.Stored.Position.Offset % 3 == 1).Select(d => d.Receipt)], stand.Stop);
        await consumer.DisposeAsync();
        await stand.RestartIfPersistentAsync();

        await using var next = await stand.ConsumeAsync(topic, "g");
        var again = await stand.FetchAsync(next, 7);
        Assert.Equal(new long[] { 0, 2, 3, 5, 6, 8, 9 }, again.Select(d => d.Stored.Position.Offset));
        Assert.Empty(await next.FetchAsync(10, TimeSpan.FromMilliseconds(50), stand.Stop));
        if (stand.Has(BrokerCapabilities.State))
        {
            Assert.All(again, d => Assert.Equal(2, d.DeliveryCount));
        }
    }

    [Case(22, BrokerCapabilities.CompletedAbove)]
    public async Task A_new_member_is_told_the_progress_with_what_is_completed_above_it()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 10).Select(i => BrokerStand.Text(null, $"{i}"))]);
        var progress = new Progress(2, [new OffsetRange(4, 6), new OffsetRange(9, 10)]);
        await using (var member = await stand.SubscribeAsync(topic, "g"))
        {
            await stand.NextAsync<SubscriptionEvent.Assigned>(member);
            await stand.CommitAsync(member, topic, 0, progress);
        }

        await stand.RestartIfPersistentAsync();
        await using var next = await stand.SubscribeAsync(topic, "g");
        var assigned = (await stand.NextAsync<SubscriptionEvent.Assigned>(next)).Partitions.Single().Progress;
        Assert.Equal(progress.Next, assigned.Next);
        Assert.Equal(progress.CompletedAbove, assigned.CompletedAbove);
        Assert.Equal(new long[] { 2, 3, 6, 7, 8 }, (await stand.ReceiveAsync(next, 5)).Select(m => m.Position.Offset));
        Assert.Equal(5, (await stand.StandingAsync(topic, "g")).Lag);
    }
}
