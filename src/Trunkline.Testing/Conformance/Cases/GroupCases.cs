using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>Groups: members that come and go, share, and lose what they had.</summary>
internal sealed class GroupCases(BrokerStand stand)
{
    [Case(15)]
    public async Task A_subscriber_closed_and_reopened_twenty_times_in_the_middle_of_five_thousand_messages_loses_none()
    {
        var topic = await stand.CreateTopicAsync(2);
        for (var i = 0; i < 5000; i += 500)
        {
            await stand.AppendAsync(topic, [.. Enumerable.Range(i, 500).Select(n => BrokerStand.Text($"{n % 97}", $"{n}"))]);
        }

        var harvest = new Harvest();
        for (var life = 1; life <= 20; life++)
        {
            await using var consumer = await stand.ConsumeAsync(topic, "g");
            await Worker.RunAsync(stand, consumer, harvest, _ => true, () => harvest.Distinct >= life * 250);
            await consumer.FetchAsync(10, TimeSpan.Zero, stand.Stop);
        }

        Assert.Equal(5000, harvest.Distinct);
    }

    [Case(16)]
    public async Task Ten_subscribers_opening_and_closing_at_once_leave_the_topic_usable()
    {
        var topic = await stand.CreateTopicAsync(4);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            for (var i = 0; i < 20; i++)
            {
                await using var member = await stand.SubscribeAsync(topic, "g");
            }
        }));
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 50).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        await using var last = await stand.SubscribeAsync(topic, "g");
        Assert.Equal(50, (await stand.ReceiveAsync(last, 50)).Distinct().Count());
    }

    [Case(17)]
    public async Task A_hundred_handler_failures_on_each_of_three_subscribers_do_not_stop_the_rest()
    {
        var topic = await stand.CreateTopicAsync(3);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 150).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        var consumers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => stand.ConsumeAsync(topic, "g", o => o with { DeliveriesMax = 1000 })));
        var harvest = new Harvest();
        await Task.WhenAll(consumers.Select(c =>
        {
            var failures = 100;
            return Worker.RunAsync(stand, c, harvest, _ => --failures < 0, () => harvest.Distinct == 150);
        }));
        await Task.WhenAll(consumers.Select(c => c.DisposeAsync().AsTask()));
    }

    [Case(24)]
    public async Task Cancelling_ends_a_wait_promptly_and_leaving_gives_unacknowledged_messages_to_others()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 20).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        var member = await stand.SubscribeAsync(topic, "g");
        await stand.ReceiveAsync(member, 20);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stand.Stop);
        var waiting = member.ReceiveAsync(1, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(5), stand.Stop));

        await stand.CommitAsync(member, topic, 0, Progress.At(5));
        await member.DisposeAsync();
        await using var other = await stand.SubscribeAsync(topic, "g");
        Assert.Equal(5, (await stand.ReceiveAsync(other, 15))[0].Position.Offset);
    }

    [Case(25)]
    public async Task A_new_group_gets_all_from_earliest_and_from_latest_only_what_follows_its_subscription()
    {
        var topic = await stand.CreateTopicAsync(2);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 20).Select(i => BrokerStand.Text($"{i}", $"old-{i}"))]);
        await using var earliest = await stand.SubscribeAsync(topic, "all");
        await using var latest = await stand.SubscribeAsync(topic, "new", SubscribeStart.Latest);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 20).Select(i => BrokerStand.Text($"{i}", $"new-{i}"))]);
        Assert.Equal(40, (await stand.ReceiveAsync(earliest, 40)).Select(BrokerStand.TextOf).Distinct().Count());
        Assert.All(await stand.ReceiveAsync(latest, 20), m => Assert.StartsWith("new-", BrokerStand.TextOf(m), StringComparison.Ordinal));
    }

    [Case(26)]
    public async Task Two_groups_each_get_every_message_and_two_members_share_without_overlap()
    {
        var topic = await stand.CreateTopicAsync(4);
        await using var one = await stand.SubscribeAsync(topic, "shared");
        await using var two = await stand.SubscribeAsync(topic, "shared");
        await using var alone = await stand.SubscribeAsync(topic, "alone");
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 100).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        var ofPartition = (await stand.ReceiveAsync(alone, 100)).ToLookup(m => m.Position.Partition);

        var owned = new List<int>();
        foreach (var member in new[] { one, two })
        {
            var partitions = await OwnedAsync(member);
            Assert.Equal(2, partitions.Count);
            owned.AddRange(partitions);
            var expected = partitions.SelectMany(p => ofPartition[p]).Select(BrokerStand.TextOf).Order().ToList();
            Assert.Equal(expected, (await stand.ReceiveAsync(member, expected.Count)).Select(BrokerStand.TextOf).Order());
        }

        Assert.Equal([0, 1, 2, 3], owned.Order());
    }

    [Case(27)]
    public async Task When_a_member_joins_or_leaves_its_messages_move_and_a_late_commit_of_the_former_owner_is_refused()
    {
        var topic = await stand.CreateTopicAsync(2);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 50).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        var old = await stand.SubscribeAsync(topic, "g");
        await stand.ReceiveAsync(old, 50);
        var before = old.Fence;

        var joined = await stand.SubscribeAsync(topic, "g");
        var moved = (await stand.NextAsync<SubscriptionEvent.Assigned>(joined)).Partitions.Single().Partition;
        Assert.Equal([moved], (await stand.NextAsync<SubscriptionEvent.Revoked>(old)).Partitions);
        await BrokerStand.RefusedAsync(BrokerErrorCode.Fenced, () => stand.CommitAsync(old, topic, moved, Progress.At(1)));
        await stand.CommitAsync(old, topic, 1 - moved, Progress.At(1));
        Assert.Equal(0, (await stand.NextAsync<SubscriptionEvent.Delivered>(joined)).Messages[0].Position.Offset);

        await joined.DisposeAsync();
        await BrokerStand.RefusedAsync(BrokerErrorCode.Fenced, () => stand.CommitAsync(joined, topic, moved, Progress.At(1)));
        Assert.Equal(moved, (await stand.NextAsync<SubscriptionEvent.Assigned>(old)).Partitions.Single().Partition);
        Assert.True(old.Fence.Epoch > before.Epoch);
        await stand.CommitAsync(old, topic, moved, Progress.At(1));
        await old.DisposeAsync();
    }

    [Case(27)]
    public async Task A_late_acknowledgement_after_the_message_moved_to_another_member_is_stale()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, BrokerStand.Text("a", "1"));
        await using var other = await stand.ConsumeAsync(topic, "g");
        var first = Assert.Single(await stand.FetchAsync(other, 1));
        await other.DisposeAsync();
        await using var consumer = await stand.ConsumeAsync(topic, "g");
        var second = Assert.Single(await stand.FetchAsync(consumer, 1));
        Assert.Equal([LeaseOutcome.Stale], await consumer.AckAsync([first.Receipt], stand.Stop));
        Assert.Equal([LeaseOutcome.Done], await consumer.AckAsync([second.Receipt], stand.Stop));
    }

    [Case(42)]
    public async Task A_paused_partition_delivers_nothing_and_resumes_where_it_stopped_while_others_go_on()
    {
        var topic = await stand.CreateTopicAsync(2);
        await using var member = await stand.SubscribeAsync(topic, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);
        member.Pause(0);
        member.Pause(0);
        foreach (var partition in new[] { 0, 1 })
        {
            await stand.AppendAsync(new TopicAppend { Topic = topic, Partition = partition, Messages = [BrokerStand.Text(null, $"{partition}")] });
        }

        Assert.Equal(1, (await stand.NextAsync<SubscriptionEvent.Delivered>(member)).Partition);
        var waiting = member.ReceiveAsync(1, stand.Stop).AsTask();
        Assert.False(waiting.IsCompleted);
        member.Resume(0);
        Assert.Equal(0, Assert.IsType<SubscriptionEvent.Delivered>(await waiting).Messages.Single().Position.Partition);
    }

    [Case(52)]
    public async Task A_thousand_idle_subscriptions_are_cheap_and_closing_with_ten_thousand_messages_pending_is_quick()
    {
        const long bytesEach = 64 * 1024;
        var topic = await stand.CreateTopicAsync(4);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var members = new List<ISubscription>();
        var waits = new List<Task<SubscriptionEvent>>();
        for (var i = 0; i < 1000; i++)
        {
            members.Add(await stand.SubscribeAsync(topic, $"g{i}"));
            await stand.NextAsync<SubscriptionEvent.Assigned>(members[^1]);
            waits.Add(members[^1].ReceiveAsync(1, stand.Stop).AsTask());
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1000 * bytesEach);
        var busy = await stand.CreateTopicAsync(4);
        await stand.AppendAsync(busy, [.. Enumerable.Range(0, 10_000).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        await using var pending = await stand.ConsumeAsync(busy, "g");
        await stand.FetchAsync(pending, 100);

        var closing = stand.Broker.DisposeAsync().AsTask();
        await closing.WaitAsync(TimeSpan.FromSeconds(5), stand.Stop);
        foreach (var wait in waits)
        {
            await BrokerStand.RefusedAsync(BrokerErrorCode.Closed, () => wait.WaitAsync(TimeSpan.FromSeconds(5), stand.Stop));
        }
    }

    /// <summary>What a member owns once it was told of all changes so far: its events up to the first delivery it could make.</summary>
    private async Task<List<int>> OwnedAsync(ISubscription member)
    {
        var owned = new List<int>();
        while (owned.Count != 2)
        {
            switch (await member.ReceiveAsync(1, stand.Stop))
            {
                case SubscriptionEvent.Assigned assigned:
                    owned.AddRange(assigned.Partitions.Select(p => p.Partition));
                    break;
                case SubscriptionEvent.Revoked revoked:
                    owned.RemoveAll(revoked.Partitions.Contains);
                    break;
                default:
                    Assert.Fail("a delivery before the changes of ownership that had happened");
                    break;
            }
        }

        return owned;
    }
}
