using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

public class RestartTests
{
    [Fact]
    public async Task Messages_positions_state_and_dedupe_are_there_after_a_restart()
    {
        using var folder = new StoreFolder();
        var message = new Message { Id = new MessageId("m-1"), Payload = new byte[] { 1, 2, 3 }, Key = new MessageKey(default) };
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t");
            await broker.AppendAsync(new TopicAppend { Topic = "t", Messages = [message], Dedupe = DedupeMode.ById }, StoreFolder.Stop);
            await using var member = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, StoreFolder.Stop);
            Assert.IsType<SubscriptionEvent.Assigned>(await member.ReceiveAsync(10, StoreFolder.Stop));
            await broker.CommitAsync(new CommitUnit
            {
                Fence = member.Fence,
                Positions = [new PositionUpdate("t", 0, Progress.At(1))],
                State = [new StateWrite("s", 0, new byte[] { 7 }, new byte[] { 8 })],
            }, StoreFolder.Stop);
        }

        await using var again = await folder.OpenAsync();
        var read = Assert.Single(await again.ReadAsync(new ReadRequest("t", 0, 0, 10), StoreFolder.Stop));
        Assert.Equal([1, 2, 3], read.Message.Payload.ToArray());
        Assert.Equal(0, read.Message.Key!.Value.Bytes.Length);
        var repeat = await again.AppendAsync(new TopicAppend { Topic = "t", Messages = [message], Dedupe = DedupeMode.ById }, StoreFolder.Stop);
        Assert.Equal([new Appended(new Position(0, 0), true)], repeat);
        Assert.Equal(1, (await again.DescribeGroupsAsync("t", StoreFolder.Stop)).Single().Partitions[0].Next);
        Assert.Equal([8], (await again.ReadStateAsync("s", 0, new byte[] { 7 }, StoreFolder.Stop))!.Value.ToArray());
    }

    [Fact]
    public async Task Many_single_appends_become_few_batches_and_stay_the_same()
    {
        using var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t");
            for (var i = 0; i < 2000; i++)
            {
                await broker.AppendAsync(StoreFolder.Append("t", $"{i}"), StoreFolder.Stop);
            }

            Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), await StoreFolder.ReadAsync(broker, "t"));
        }

        await using var again = await folder.OpenAsync();
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), await StoreFolder.ReadAsync(again, "t"));
        var described = await again.DescribeTopicAsync("t", StoreFolder.Stop);
        Assert.Equal(2000, described.Partitions[0].HighOffset);
    }

    [Fact]
    public async Task Reading_from_any_offset_gives_the_rest_from_memory_and_from_disk()
    {
        using var folder = new StoreFolder();
        var all = Enumerable.Range(0, 3000).Select(i => $"{i}-{new string('x', i % 300)}").ToList();
        await using (var broker = await folder.OpenAsync(o => o with { TailBytesMax = 100_000 }))
        {
            await StoreFolder.CreateAsync(broker, "t");
            foreach (var part in all.Chunk(37))
            {
                await broker.AppendAsync(StoreFolder.Append("t", part), StoreFolder.Stop);
            }

            for (var offset = 0; offset < 3000; offset += 211)
            {
                Assert.Equal(all.Skip(offset), await StoreFolder.ReadAsync(broker, "t", offset: offset));
            }
        }
    }

    [Fact]
    public async Task A_second_opener_is_refused_and_the_first_goes_on()
    {
        using var folder = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        var refused = await Assert.ThrowsAsync<BrokerException>(() => folder.OpenAsync());
        Assert.Equal(BrokerErrorCode.StoreLocked, refused.Code);
        await StoreFolder.CreateAsync(broker, "t");
    }

    [Fact]
    public async Task A_newer_format_is_refused_and_nothing_is_changed()
    {
        using var folder = new StoreFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        var format = System.IO.Path.Combine(folder.Path, "FORMAT");
        await File.WriteAllTextAsync(format, $"trunkline-embedded-store {StoreFormat.Version + 1}\n", StoreFolder.Stop);
        var before = folder.Files("*").Select(f => (f.Name, f.Length, f.LastWriteTimeUtc)).ToList();
        var refused = await Assert.ThrowsAsync<BrokerException>(() => folder.OpenAsync());
        Assert.Equal(BrokerErrorCode.StoreNewer, refused.Code);
        Assert.Equal(before, folder.Files("*").Select(f => (f.Name, f.Length, f.LastWriteTimeUtc)));
    }

    [Fact]
    public async Task Calls_after_the_end_say_closed()
    {
        using var folder = new StoreFolder();
        var broker = await folder.OpenAsync();
        await StoreFolder.CreateAsync(broker, "t");
        var waiting = broker.WaitAsync("t", 0, 5, StoreFolder.Stop).AsTask();
        await broker.DisposeAsync();
        Assert.Equal(BrokerErrorCode.Closed, (await Assert.ThrowsAsync<BrokerException>(() => waiting)).Code);
        Assert.Equal(BrokerErrorCode.Closed, (await Assert.ThrowsAsync<BrokerException>(async () => await broker.AppendAsync(StoreFolder.Append("t", "x"), StoreFolder.Stop))).Code);
    }

    [Fact]
    public async Task An_interval_topic_is_acknowledged_at_once_and_synced_later()
    {
        using var folder = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        await broker.CreateTopicAsync(new TopicSettings { Name = "i", Partitions = 1, Durability = new Durability(DurabilityKind.Interval, TimeSpan.FromMilliseconds(20)) }, StoreFolder.Stop);
        await broker.CreateTopicAsync(new TopicSettings { Name = "n", Partitions = 1, Durability = Durability.None }, StoreFolder.Stop);
        for (var i = 0; i < 50; i++)
        {
            await Task.WhenAll(
                broker.AppendAsync(StoreFolder.Append("i", $"{i}"), StoreFolder.Stop).AsTask(),
                broker.AppendAsync(StoreFolder.Append("n", $"{i}"), StoreFolder.Stop).AsTask());
        }

        Assert.Equal(50, (await StoreFolder.ReadAsync(broker, "i")).Count);
        Assert.Equal(50, (await StoreFolder.ReadAsync(broker, "n")).Count);
    }
}
