using System.Buffers.Binary;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>The commit unit: all or nothing, fenced, with state.</summary>
internal sealed class CommitCases(BrokerStand stand)
{
    private static readonly byte[] Count = [1];

    [Case(36, BrokerCapabilities.AtomicCommit | BrokerCapabilities.State)]
    public async Task A_unit_over_three_topics_a_position_and_state_is_never_seen_in_part_by_readers()
    {
        const int units = 200;
        var source = await SourceAsync(units);
        string[] targets = [await stand.CreateTopicAsync(1), await stand.CreateTopicAsync(1), await stand.CreateTopicAsync(1)];
        await using var member = await stand.SubscribeAsync(source, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);

        var watching = Task.Run(async () =>
        {
            // What is read later was committed with what is read first, or after it: it can never be less.
            for (long seen = 0; seen < units;)
            {
                foreach (var order in new[] { targets, [.. targets.Reverse()] })
                {
                    seen = await HighAsync(order[0]);
                    Assert.True(await HighAsync(order[1]) >= seen);
                    Assert.True(await HighAsync(order[2]) >= seen);
                    Assert.True(await StateAsync() >= seen);
                    Assert.True(((await stand.StandingAsync(source, "g")).Next ?? 0) >= seen);
                }
            }
        });
        for (var i = 1; i <= units; i++)
        {
            await stand.Broker.CommitAsync(Unit(member, source, targets, i), stand.Stop);
        }

        await watching;
        await stand.RestartIfPersistentAsync();
        Assert.Equal(units, await StateAsync());
        Assert.Equal(units, (await stand.StandingAsync(source, "g")).Next);
    }

    [Case(37, BrokerCapabilities.AtomicCommit | BrokerCapabilities.State)]
    public async Task A_refused_unit_leaves_nothing_behind_and_the_next_one_is_unaffected()
    {
        var source = await SourceAsync(10);
        string[] targets = [await stand.CreateTopicAsync(1, s => s with { MessageBytesMax = 100 }), await stand.CreateTopicAsync(1), await stand.CreateTopicAsync(1)];
        await using var member = await stand.SubscribeAsync(source, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(member);
        var good = Unit(member, source, targets, 3);
        (BrokerErrorCode Code, CommitUnit Unit)[] bad =
        [
            (BrokerErrorCode.Fenced, good with { Fence = good.Fence! with { Member = "nobody" } }),
            (BrokerErrorCode.Fenced, good with { Fence = good.Fence! with { Group = "nobody's" } }),
            (BrokerErrorCode.Fenced, good with { Fence = good.Fence! with { Epoch = good.Fence.Epoch + 1000 } }),
            (BrokerErrorCode.Fenced, good with { Fence = null }),
            (BrokerErrorCode.TopicNotFound, good with { Appends = [.. good.Appends, new TopicAppend { Topic = "missing", Messages = [new Message()] }] }),
            (BrokerErrorCode.PartitionNotFound, good with { Appends = [.. good.Appends, new TopicAppend { Topic = source, Partition = 9, Messages = [new Message()] }] }),
            (BrokerErrorCode.MessageTooLarge, good with { Appends = [.. good.Appends, new TopicAppend { Topic = targets[0], Messages = [new Message { Payload = new byte[101] }] }] }),
            (BrokerErrorCode.PositionInvalid, good with { Positions = [new PositionUpdate(source, 0, Progress.At(11))] }),
            (BrokerErrorCode.PositionInvalid, good with { Positions = [new PositionUpdate(source, 0, new Progress(2, [new OffsetRange(2, 4)]))] }),
            (BrokerErrorCode.PositionInvalid, good with { Positions = [new PositionUpdate(source, 0, new Progress(2, [new OffsetRange(6, 8), new OffsetRange(4, 5)]))] }),
            (BrokerErrorCode.PartitionNotFound, good with { Positions = [new PositionUpdate(source, 1, Progress.At(0))] }),
        ];
        foreach (var (code, unit) in bad)
        {
            await BrokerStand.RefusedAsync(code, () => stand.Broker.CommitAsync(unit, stand.Stop).AsTask());
        }

        Assert.Equal(0, await StateAsync());
        Assert.All(await Task.WhenAll(targets.Select(HighAsync)), high => Assert.Equal(0, high));
        await stand.Broker.CommitAsync(good, stand.Stop);
        Assert.Equal((3L, 3L), (await StateAsync(), (await stand.StandingAsync(source, "g")).Next));
        Assert.All(await Task.WhenAll(targets.Select(HighAsync)), high => Assert.Equal(1, high));
        await BrokerStand.RefusedAsync(BrokerErrorCode.PositionInvalid, () => stand.Broker.CommitAsync(Unit(member, source, targets, 2), stand.Stop).AsTask());
    }

    [Case(37, BrokerCapabilities.AtomicCommit)]
    public async Task A_late_commit_of_a_former_owner_touches_nothing_of_the_next_ones_work()
    {
        var source = await SourceAsync(10);
        string[] targets = [await stand.CreateTopicAsync(1)];
        var former = await stand.SubscribeAsync(source, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(former);
        var late = Unit(former, source, targets, 5);
        await former.DisposeAsync();

        await using var next = await stand.SubscribeAsync(source, "g");
        await stand.NextAsync<SubscriptionEvent.Assigned>(next);
        await stand.Broker.CommitAsync(Unit(next, source, targets, 2), stand.Stop);
        await BrokerStand.RefusedAsync(BrokerErrorCode.Fenced, () => stand.Broker.CommitAsync(late, stand.Stop).AsTask());
        await stand.Broker.CommitAsync(Unit(next, source, targets, 3), stand.Stop);
        Assert.Equal((2L, 3L), (await HighAsync(targets[0]), (await stand.StandingAsync(source, "g")).Next));
    }

    [Case(36, BrokerCapabilities.State)]
    public async Task State_is_read_scanned_in_key_order_deleted_and_kept_apart_by_store_and_partition()
    {
        async Task WriteAsync(string store, int partition, byte[] key, byte[]? value) => await stand.Broker.CommitAsync(
            new CommitUnit { State = [new StateWrite(store, partition, key, value is null ? (ReadOnlyMemory<byte>?)null : value)] }, stand.Stop);
        async Task<string> ScanAsync(string store, int partition, params byte[] prefix)
        {
            var found = new List<string>();
            await foreach (var entry in stand.Broker.ScanStateAsync(store, partition, prefix, stand.Stop))
            {
                found.Add($"{Convert.ToHexString(entry.Key.Span)}={Convert.ToHexString(entry.Value.Span)}");
            }

            return string.Join(' ', found);
        }

        await WriteAsync("a", 0, [2, 255], [1]);
        await WriteAsync("a", 0, [2], []);
        await WriteAsync("a", 0, [10], [3]);
        await WriteAsync("a", 0, [], [4]);
        await WriteAsync("a", 1, [2], [5]);
        await WriteAsync("ab", 0, [2], [6]);
        await WriteAsync("a", 0, [2, 255], [7]);
        await stand.RestartIfPersistentAsync();
        Assert.Equal("=04 02= 02FF=07 0A=03", await ScanAsync("a", 0));
        Assert.Equal("02= 02FF=07", await ScanAsync("a", 0, 2));
        Assert.Equal("02=05", await ScanAsync("a", 1));
        Assert.Equal("02=06", await ScanAsync("ab", 0));

        await WriteAsync("a", 0, [2], null);
        Assert.Null(await stand.Broker.ReadStateAsync("a", 0, new byte[] { 2 }, stand.Stop));
        Assert.Equal(new byte[] { 7 }, (await stand.Broker.ReadStateAsync("a", 0, new byte[] { 2, 255 }, stand.Stop))!.Value.ToArray());
        Assert.Equal("=04 02FF=07 0A=03", await ScanAsync("a", 0));
    }

    private static CommitUnit Unit(ISubscription member, string source, string[] targets, int number)
    {
        var value = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(value, number);
        return new CommitUnit
        {
            Fence = member.Fence,
            Appends = [.. targets.Select(t => new TopicAppend { Topic = t, Messages = [BrokerStand.Text("k", $"{number}")] })],
            Positions = [new PositionUpdate(source, 0, Progress.At(number))],
            State = [new StateWrite("count", 0, Count, value)],
        };
    }

    private async Task<string> SourceAsync(int count)
    {
        var source = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(source, [.. Enumerable.Range(0, count).Select(i => BrokerStand.Text("k", $"{i}"))]);
        return source;
    }

    private async Task<long> HighAsync(string topic) => (await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions[0].HighOffset;

    private async Task<long> StateAsync() =>
        await stand.Broker.ReadStateAsync("count", 0, Count, stand.Stop) is { } value ? BinaryPrimitives.ReadInt64BigEndian(value.Span) : 0;
}
