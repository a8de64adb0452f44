using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>Topics: made, changed, described, emptied, removed.</summary>
internal sealed class TopicCases(BrokerStand stand)
{
    [Case(44, BrokerCapabilities.Retention)]
    public async Task Retention_by_size_removes_only_the_oldest_and_a_subscriber_behind_it_is_told_how_much_it_missed()
    {
        var topic = await stand.CreateTopicAsync(1, s => s with { RetentionBytes = 8 * 1024 });
        await using var member = await stand.SubscribeAsync(topic, "behind");
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);
        await AppendKilobytesAsync(topic, 40);
        var before = await stand.ReadAllAsync(topic);
        var removed = await stand.Broker.ApplyRetentionAsync(force: false, stand.Stop);
        var described = (await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions[0];
        Assert.InRange(removed, 28, 39);
        Assert.Equal((removed, 40L), (described.LowOffset, described.HighOffset));
        Assert.Equal(before.Skip((int)removed).Select(m => m.Message.Id), (await stand.ReadAllAsync(topic)).Select(m => m.Message.Id));
        var gap = await stand.NextAsync<SubscriptionEvent.Gap>(member);
        Assert.Equal((0L, removed), (gap.From, gap.Next));
        Assert.Equal(removed, (await stand.ReceiveAsync(member, 1))[0].Position.Offset);
        Assert.Equal(removed, (await stand.Broker.ReadAsync(new ReadRequest(topic, 0, 0, 1), stand.Stop))[0].Position.Offset);
    }

    [Case(44, BrokerCapabilities.Retention)]
    public async Task Retention_by_age_removes_what_is_older_and_nothing_younger()
    {
        var topic = await stand.CreateTopicAsync(1, s => s with { RetentionAge = TimeSpan.FromDays(7) });
        await AppendKilobytesAsync(topic, 10);
        stand.Clock.Advance(TimeSpan.FromDays(4));
        await AppendKilobytesAsync(topic, 10);
        Assert.Equal(0, await stand.Broker.ApplyRetentionAsync(false, stand.Stop));
        stand.Clock.Advance(TimeSpan.FromDays(4));
        Assert.Equal(10, await stand.Broker.ApplyRetentionAsync(false, stand.Stop));
        await stand.RestartIfPersistentAsync();
        Assert.Equal(Enumerable.Range(10, 10).Select(i => (long)i), (await stand.ReadAllAsync(topic)).Select(m => m.Position.Offset));
    }

    [Case(44, BrokerCapabilities.Retention)]
    public async Task Retention_never_passes_a_group_that_committed_unless_forced()
    {
        var topic = await stand.CreateTopicAsync(1, s => s with { RetentionBytes = 1024 });
        await AppendKilobytesAsync(topic, 20);
        await using (var member = await stand.SubscribeAsync(topic, "durable"))
        {
            await stand.NextAsync<SubscriptionEvent.Assigned>(member);
            await stand.CommitAsync(member, topic, 0, Progress.At(5));
        }

        await stand.RestartIfPersistentAsync();
        await stand.Broker.ApplyRetentionAsync(false, stand.Stop);
        Assert.InRange((await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions[0].LowOffset, 1, 5);
        await stand.Broker.ApplyRetentionAsync(force: true, stand.Stop);
        var low = (await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions[0].LowOffset;
        Assert.InRange(low, 15, 20);

        await using var next = await stand.SubscribeAsync(topic, "durable");
        await stand.NextAsync<SubscriptionEvent.Assigned>(next);
        var gap = await stand.NextAsync<SubscriptionEvent.Gap>(next);
        Assert.Equal((5L, low), (gap.From, gap.Next));
    }

    [Case(44, BrokerCapabilities.Compaction)]
    public async Task A_compacted_topic_drops_superseded_messages_of_a_key_and_calls_it_no_gap()
    {
        var topic = await stand.CreateTopicAsync(1, s => s with { Compacted = true });
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 12).Select(i => BrokerStand.Text($"k{i % 3}", $"{i}"))]);
        await stand.AppendAsync(topic, BrokerStand.Text(null, "no key"));
        await stand.Broker.ApplyRetentionAsync(false, stand.Stop);
        Assert.Equal(["9", "10", "11", "no key"], (await stand.ReadAllAsync(topic)).Select(BrokerStand.TextOf));
        await using var member = await stand.SubscribeAsync(topic, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);
        Assert.Equal(9, (await stand.NextAsync<SubscriptionEvent.Delivered>(member)).Messages[0].Position.Offset);
    }

    [Case(45)]
    public async Task Creating_a_topic_twice_succeeds_with_equal_settings_and_conflicts_with_others_changing_nothing()
    {
        var settings = new TopicSettings { Name = "twice", Partitions = 3, RetentionAge = TimeSpan.FromDays(1) };
        await stand.Broker.CreateTopicAsync(settings, stand.Stop);
        await stand.Broker.CreateTopicAsync(settings with { }, stand.Stop);
        await BrokerStand.RefusedAsync(BrokerErrorCode.TopicConflict, () => stand.Broker.CreateTopicAsync(settings with { RetentionAge = null }, stand.Stop).AsTask());
        await BrokerStand.RefusedAsync(BrokerErrorCode.TopicConflict, () => stand.Broker.AlterTopicAsync(settings with { Partitions = 4 }, stand.Stop).AsTask());
        Assert.Equal(settings, (await stand.Broker.DescribeTopicAsync("twice", stand.Stop)).Settings);

        var altered = settings with { RetentionBytes = 1 << 20, Durability = Durability.None, DedupeWindow = TimeSpan.FromMinutes(1) };
        await stand.Broker.AlterTopicAsync(altered, stand.Stop);
        await stand.RestartIfPersistentAsync();
        Assert.Equal(altered, (await stand.Broker.DescribeTopicAsync("twice", stand.Stop)).Settings);
    }

    [Case(46)]
    public async Task Deleting_and_recreating_a_topic_leaves_no_old_message_position_or_dedupe_entry()
    {
        var dedupe = stand.Has(BrokerCapabilities.DedupeById) ? DedupeMode.ById : DedupeMode.None;
        var append = new TopicAppend { Topic = "again", Messages = [new Message { Id = new MessageId("1"), Source = "s" }], Dedupe = dedupe };
        await stand.Broker.CreateTopicAsync(new TopicSettings { Name = "again", Partitions = 1 }, stand.Stop);
        await stand.AppendAsync(append);
        await using var member = await stand.SubscribeAsync("again", "g");
        await stand.ReceiveAsync(member, 1);
        await stand.CommitAsync(member, "again", 0, Progress.At(1));

        await stand.Broker.DeleteTopicAsync("again", stand.Stop);
        await BrokerStand.RefusedAsync(BrokerErrorCode.TopicNotFound, () => member.ReceiveAsync(1, stand.Stop).AsTask());
        await stand.RestartIfPersistentAsync();
        await stand.Broker.CreateTopicAsync(new TopicSettings { Name = "again", Partitions = 1 }, stand.Stop);
        Assert.Empty(await stand.Broker.DescribeGroupsAsync("again", stand.Stop));
        Assert.Empty(await stand.ReadAllAsync("again"));
        var appended = (await stand.AppendAsync(append))[0];
        Assert.Equal((new Position(0, 0), false), (appended.Position, appended.Duplicate));
        await using var next = await stand.SubscribeAsync("again", "g");
        Assert.Equal(0, (await stand.ReceiveAsync(next, 1))[0].Position.Offset);
    }

    [Case(47)]
    public async Task Described_offsets_and_lag_equal_what_a_reader_counts()
    {
        var topic = await stand.CreateTopicAsync(3);
        Assert.All((await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions, p => Assert.Equal((0L, 0L, null), (p.LowOffset, p.HighOffset, p.LastAppendedAt)));
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 60).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        await using var member = await stand.SubscribeAsync(topic, "g");
        var received = (await stand.ReceiveAsync(member, 60)).ToLookup(m => m.Position.Partition);
        foreach (var partition in (await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions)
        {
            var count = received[partition.Partition].Count();
            Assert.Equal((0L, (long)count), (partition.LowOffset, partition.HighOffset));
            Assert.Equal(received[partition.Partition].Max(m => m.AppendedAt), partition.LastAppendedAt);
            await stand.CommitAsync(member, topic, partition.Partition, Progress.At(2));
            var standing = await stand.StandingAsync(topic, "g", partition.Partition);
            Assert.Equal((2L, count - 2), (standing.Next, standing.Lag));
        }
    }

    [Case(48)]
    public async Task What_does_not_exist_gives_a_typed_error_within_a_bounded_time()
    {
        var topic = await stand.CreateTopicAsync(1);
        var broker = stand.Broker;
        (BrokerErrorCode Code, Func<Task> Call)[] calls =
        [
            (BrokerErrorCode.TopicNotFound, () => broker.DescribeTopicAsync("missing", stand.Stop).AsTask()),
            (BrokerErrorCode.TopicNotFound, () => broker.DescribeGroupsAsync("missing", stand.Stop).AsTask()),
            (BrokerErrorCode.TopicNotFound, () => broker.DeleteTopicAsync("missing", stand.Stop).AsTask()),
            (BrokerErrorCode.TopicNotFound, () => broker.AlterTopicAsync(new TopicSettings { Name = "missing" }, stand.Stop).AsTask()),
            (BrokerErrorCode.TopicNotFound, () => stand.AppendAsync("missing", new Message())),
            (BrokerErrorCode.TopicNotFound, () => stand.SubscribeAsync("missing", "g")),
            (BrokerErrorCode.TopicNotFound, () => broker.SeekAsync("missing", "g", new SeekTarget.Earliest(), stand.Stop).AsTask()),
            (BrokerErrorCode.TopicNotFound, () => broker.ReadAsync(new ReadRequest("missing", 0, 0, 1), stand.Stop).AsTask()),
            (BrokerErrorCode.TopicNotFound, () => broker.WaitAsync("missing", 0, 0, stand.Stop).AsTask()),
            (BrokerErrorCode.PartitionNotFound, () => broker.ReadAsync(new ReadRequest(topic, 1, 0, 1), stand.Stop).AsTask()),
            (BrokerErrorCode.PartitionNotFound, () => broker.ReadAsync(new ReadRequest(topic, -1, 0, 1), stand.Stop).AsTask()),
            (BrokerErrorCode.PartitionNotFound, () => broker.WaitAsync(topic, 1, 0, stand.Stop).AsTask()),
            (BrokerErrorCode.PartitionNotFound, () => stand.AppendAsync(new TopicAppend { Topic = topic, Partition = 1, Messages = [new Message()] })),
            (BrokerErrorCode.GroupNotFound, () => broker.SeekAsync(topic, "missing", new SeekTarget.Earliest(), stand.Stop).AsTask()),
        ];
        foreach (var (code, call) in calls)
        {
            await BrokerStand.RefusedAsync(code, () => call().WaitAsync(TimeSpan.FromSeconds(5), stand.Stop));
        }
    }

    [Case(48)]
    public async Task Waiting_for_an_offset_ends_when_it_is_there_and_not_before_and_when_cancelled()
    {
        var topic = await stand.CreateTopicAsync(1);
        var waiting = stand.Broker.WaitAsync(topic, 0, 1, stand.Stop).AsTask();
        await stand.AppendAsync(topic, BrokerStand.Text(null, "0"));
        await stand.Broker.WaitAsync(topic, 0, 0, stand.Stop);
        Assert.False(waiting.IsCompleted);
        await stand.AppendAsync(topic, BrokerStand.Text(null, "1"));
        await waiting.WaitAsync(TimeSpan.FromSeconds(5), stand.Stop);

        using var cancel = new CancellationTokenSource();
        var cancelled = stand.Broker.WaitAsync(topic, 0, 9, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TimeSpan.FromSeconds(5), stand.Stop));
    }

    [Case(50)]
    public async Task Every_capability_that_is_not_declared_is_refused_as_not_supported()
    {
        var known = Enum.GetValues<BrokerCapabilities>().Aggregate((all, one) => all | one);
        Assert.Equal(BrokerCapabilities.None, stand.Broker.Capabilities & ~known);
        await UndeclaredCapability.DemandRefusedAsync(stand, known & ~stand.Broker.Capabilities);
    }

    [Case(51)]
    public async Task Strange_topic_names_are_kept_apart_or_refused()
    {
        string[] good = ["a.b", "a_b", "a-b", "A.b", "a..b", ".a", "-", "_", "0", "CON", new string('x', 249), new string('x', 248)];
        foreach (var name in good)
        {
            await stand.Broker.CreateTopicAsync(new TopicSettings { Name = name, Partitions = 1 }, stand.Stop);
            await stand.AppendAsync(name, BrokerStand.Text(null, name));
        }

        string[] bad = ["", ".", "..", "a/b", "../x", "a\\b", "ü", "a b", "a\n", "a\0", new string('x', 250), "a:b", "💬"];
        foreach (var name in bad)
        {
            await BrokerStand.RefusedAsync(BrokerErrorCode.TopicNameInvalid, () => stand.Broker.CreateTopicAsync(new TopicSettings { Name = name }, stand.Stop).AsTask());
        }

        await stand.RestartIfPersistentAsync();
        Assert.Equal(good.Order(StringComparer.Ordinal), (await stand.Broker.ListTopicsAsync(stand.Stop)).Select(t => t.Settings.Name));
        foreach (var name in good)
        {
            Assert.Equal(name, BrokerStand.TextOf(Assert.Single(await stand.ReadAllAsync(name))));
        }
    }

    private async Task AppendKilobytesAsync(string topic, int count)
    {
        var random = new Random(count);
        for (var i = 0; i < count; i++)
        {
            var payload = new byte[1024];
            random.NextBytes(payload);
            await stand.AppendAsync(topic, new Message { Payload = payload });
        }
    }
}
