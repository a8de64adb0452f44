using System.Security.Cryptography;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>Moving a group, and reading again.</summary>
internal sealed class SeekCases(BrokerStand stand)
{
    [Case(28)]
    public async Task Seek_to_an_offset_delivers_exactly_from_it_and_older_tokens_are_refused()
    {
        var topic = await FilledAsync(20);
        await using var member = await stand.SubscribeAsync(topic, "g");
        await stand.ReceiveAsync(member, 20);
        await stand.CommitAsync(member, topic, 0, Progress.At(15));
        await stand.Broker.SeekAsync(topic, "g", new SeekTarget.Offset(0, 7), stand.Stop);
        await BrokerStand.RefusedAsync(BrokerErrorCode.Fenced, () => stand.CommitAsync(member, topic, 0, Progress.At(16)));

        await stand.NextAsync<SubscriptionEvent.Revoked>(member);
        Assert.Equal(7, (await stand.NextAsync<SubscriptionEvent.Assigned>(member)).Partitions.Single().Progress.Next);
        Assert.Equal(Enumerable.Range(7, 13).Select(i => (long)i), (await stand.ReceiveAsync(member, 13)).Select(m => m.Position.Offset));
        await stand.CommitAsync(member, topic, 0, Progress.At(20));
    }

    [Case(28, BrokerCapabilities.Retention)]
    public async Task Seek_to_a_removed_offset_tells_the_gap_and_delivers_from_the_oldest_there_is()
    {
        var topic = await FilledAsync(20);
        var low = await RemoveOldestAsync(topic);
        await using var member = await stand.SubscribeAsync(topic, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);
        await stand.Broker.SeekAsync(topic, "g", new SeekTarget.Offset(0, 0), stand.Stop);
        await stand.NextAsync<SubscriptionEvent.Revoked>(member);
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);
        var gap = await stand.NextAsync<SubscriptionEvent.Gap>(member);
        Assert.Equal((0, 0L, low), (gap.Partition, gap.From, gap.Next));
        Assert.Equal(low, (await stand.ReceiveAsync(member, 1))[0].Position.Offset);
    }

    [Case(28)]
    public async Task Seek_beyond_the_end_waits_for_that_offset()
    {
        var topic = await FilledAsync(5);
        await using var member = await stand.SubscribeAsync(topic, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);
        await stand.Broker.SeekAsync(topic, "g", new SeekTarget.Offset(0, 7), stand.Stop);
        var received = stand.ReceiveAsync(member, 1);
        await stand.AppendAsync(topic, BrokerStand.Text(null, "5"), BrokerStand.Text(null, "6"), BrokerStand.Text(null, "7"));
        Assert.Equal(7, Assert.Single(await received).Position.Offset);
        await stand.CommitAsync(member, topic, 0, Progress.At(8));
    }

    [Case(28)]
    public async Task Seek_to_earliest_and_latest_moves_all_partitions()
    {
        var topic = await stand.CreateTopicAsync(3);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 30).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        await using var member = await stand.SubscribeAsync(topic, "g");
        await stand.ReceiveAsync(member, 30);
        await stand.Broker.SeekAsync(topic, "g", new SeekTarget.Earliest(), stand.Stop);
        Assert.Equal(30, (await stand.ReceiveAsync(member, 30)).Count);
        await stand.Broker.SeekAsync(topic, "g", new SeekTarget.Latest(), stand.Stop);
        await stand.AppendAsync(topic, BrokerStand.Text("x", "after"));
        Assert.Equal("after", BrokerStand.TextOf(Assert.Single(await stand.ReceiveAsync(member, 1))));
    }

    [Case(29, BrokerCapabilities.SeekByTime)]
    public async Task Seek_by_time_delivers_the_first_message_at_or_after_it_with_equal_times_and_at_both_ends()
    {
        var topic = await stand.CreateTopicAsync(1);
        for (var i = 0; i < 4; i++)
        {
            await stand.AppendAsync(topic, [.. Enumerable.Range(0, 5).Select(n => BrokerStand.Text(null, $"{n}"))]);
            stand.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var all = await stand.ReadAllAsync(topic);
        await using var member = await stand.SubscribeAsync(topic, "g");
        DateTimeOffset[] times = [all[0].AppendedAt.AddDays(-1), all[7].AppendedAt, all[7].AppendedAt.AddSeconds(1), all[19].AppendedAt, all[19].AppendedAt.AddSeconds(1)];
        foreach (var time in times)
        {
            var expected = all.FirstOrDefault(m => m.AppendedAt >= time)?.Position.Offset ?? 20;
            Assert.Equal(expected, await stand.Broker.OffsetAtAsync(topic, 0, time, stand.Stop));
            await stand.Broker.SeekAsync(topic, "g", new SeekTarget.Time(time), stand.Stop);
            Assert.Equal(expected, (await stand.StandingAsync(topic, "g")).Next);
            if (expected < 20)
            {
                Assert.Equal(expected, (await stand.ReceiveAsync(member, 1))[0].Position.Offset);
            }
        }
    }

    [Case(29, BrokerCapabilities.SeekByTime)]
    public async Task The_time_of_appends_never_decreases_when_the_clock_jumps_back()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, BrokerStand.Text(null, "1"));
        stand.Clock.Advance(TimeSpan.FromHours(-1));
        await stand.RestartIfPersistentAsync();
        await stand.AppendAsync(topic, BrokerStand.Text(null, "2"));
        stand.Clock.Advance(TimeSpan.FromDays(365));
        await stand.AppendAsync(topic, BrokerStand.Text(null, "3"));
        var all = await stand.ReadAllAsync(topic);
        Assert.True(all[0].AppendedAt <= all[1].AppendedAt && all[1].AppendedAt < all[2].AppendedAt);
        Assert.Equal(2, await stand.Broker.OffsetAtAsync(topic, 0, all[0].AppendedAt.AddDays(1), stand.Stop));
    }

    [Case(30)]
    public async Task Replaying_a_range_twice_gives_identical_offsets_and_hashes_also_after_a_restart()
    {
        var topic = await FilledAsync(300);
        var first = await HashesAsync(topic);
        Assert.Equal(first, await HashesAsync(topic));
        await stand.RestartIfPersistentAsync();
        Assert.Equal(first, await HashesAsync(topic));
    }

    [Case(31)]
    public async Task Positions_an_operator_sets_take_effect_for_the_next_subscriber_and_no_other_group()
    {
        var topic = await FilledAsync(10);
        foreach (var group in new[] { "mine", "other" })
        {
            await using var member = await stand.SubscribeAsync(topic, group);
            await stand.ReceiveAsync(member, 10);
            await stand.CommitAsync(member, topic, 0, Progress.At(8));
        }

        await stand.Broker.SeekAsync(topic, "mine", new SeekTarget.Offset(0, 3), stand.Stop);
        await stand.RestartIfPersistentAsync();
        Assert.Equal((3L, 7L), ((await stand.StandingAsync(topic, "mine")).Next, (await stand.StandingAsync(topic, "mine")).Lag));
        Assert.Equal(8, (await stand.StandingAsync(topic, "other")).Next);
        await using var next = await stand.SubscribeAsync(topic, "mine");
        Assert.Equal(3, (await stand.ReceiveAsync(next, 1))[0].Position.Offset);

        await stand.Broker.SeekAsync(topic, "mine", new SeekTarget.Earliest(), stand.Stop);
        Assert.Equal(0, (await stand.ReceiveAsync(next, 1))[0].Position.Offset);
        Assert.Equal(8, (await stand.StandingAsync(topic, "other")).Next);
    }

    private async Task<string> FilledAsync(int count)
    {
        var topic = await stand.CreateTopicAsync(1, s => s with { RetentionBytes = 6 * 1024 });
        var random = new Random(5);
        for (var i = 0; i < count; i++)
        {
            var payload = new byte[1024];
            random.NextBytes(payload);
            await stand.AppendAsync(topic, new Message { Payload = payload });
        }

        return topic;
    }

    private async Task<long> RemoveOldestAsync(string topic)
    {
        await stand.Broker.ApplyRetentionAsync(force: true, stand.Stop);
        var low = (await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions[0].LowOffset;
        Assert.InRange(low, 1, 19);
        return low;
    }

    private async Task<List<(long Offset, string Hash)>> HashesAsync(string topic) =>
        [.. (await stand.ReadAllAsync(topic)).Select(m => (m.Position.Offset, Convert.ToHexString(SHA256.HashData(m.Message.Payload.Span))))];
}
