using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Testing;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>What depends on time, over a restart.</summary>
public class ClockTests
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_clock_that_jumps_over_a_restart_leaves_offsets_times_and_retention_sane()
    {
        using var folder = new StoreFolder();
        var clock = new MovableClock();
        foreach (var jump in new[] { TimeSpan.Zero, TimeSpan.FromHours(-1), TimeSpan.FromDays(365), TimeSpan.FromDays(-365) })
        {
            clock.Advance(jump);
            await using var broker = await folder.OpenAsync(o => o with { Time = clock });
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1, RetentionAge = TimeSpan.FromDays(2 * 365) }, StoreFolder.Stop);
            await broker.AppendAsync(StoreFolder.Append("t", "x", "y"), StoreFolder.Stop);
            var read = await broker.ReadAsync(new ReadRequest("t", 0, 0, 100), StoreFolder.Stop);
            Assert.Equal(Enumerable.Range(0, read.Count).Select(i => (long)i), read.Select(m => m.Position.Offset));
            Assert.Equal(read.Select(m => m.AppendedAt).Order(), read.Select(m => m.AppendedAt));
            foreach (var message in read)
            {
                var found = await broker.OffsetAtAsync("t", 0, message.AppendedAt, StoreFolder.Stop);
                Assert.Equal(read.First(m => m.AppendedAt == message.AppendedAt).Position.Offset, found);
            }

            Assert.Equal(0, await broker.ApplyRetentionAsync(force: true, StoreFolder.Stop));
        }

        // Times never decrease, so what was appended after the year ahead counts as of then: it goes when that is two years ago.
        clock.Advance(TimeSpan.FromDays(365 + (2 * 365) + 1));
        await using var last = await folder.OpenAsync(o => o with { Time = clock });
        Assert.Equal(8, await last.ApplyRetentionAsync(force: true, StoreFolder.Stop));
        Assert.Equal((8L, 8L), ((await last.DescribeTopicAsync("t", StoreFolder.Stop)).Partitions[0].LowOffset, (await last.DescribeTopicAsync("t", StoreFolder.Stop)).Partitions[0].HighOffset));
    }

    [Fact]
    public async Task A_retry_after_a_crash_between_the_append_and_its_answer_is_stored_once()
    {
        using var folder = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1 }, StoreFolder.Stop);
        var byId = Append(Message("m"));
        var bySequence = new TopicAppend { Topic = "t", Partition = 0, Messages = [new Message()], Dedupe = DedupeMode.BySequence, Sequence = new ProducerSequence("p", 0, 0) };
        await broker.AppendAsync(byId, StoreFolder.Stop);
        await broker.AppendAsync(bySequence, StoreFolder.Stop);

        // The files as they are now are what the process would have left if it died before the answer got away.
        using var crashed = folder.Copy();
        await using var again = await crashed.OpenAsync();
        Assert.Equal([new Appended(new Position(0, 0), true)], await again.AppendAsync(byId, StoreFolder.Stop));
        Assert.Equal([new Appended(new Position(0, 1), true)], await again.AppendAsync(bySequence, StoreFolder.Stop));
        Assert.Equal(2, (await again.DescribeTopicAsync("t", StoreFolder.Stop)).Partitions[0].HighOffset);
    }

    [Fact]
    public async Task The_edge_of_the_dedupe_window_is_the_same_after_a_restart()
    {
        using var folder = new StoreFolder();
        var clock = new MovableClock();
        await using (var broker = await folder.OpenAsync(o => o with { Time = clock }))
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1, DedupeWindow = Window }, StoreFolder.Stop);
            await broker.AppendAsync(Append(Message("inside"), Message("outside")), StoreFolder.Stop);
        }

        clock.Advance(Window - TimeSpan.FromMinutes(2));
        await using (var broker = await folder.OpenAsync(o => o with { Time = clock }))
        {
            Assert.True((await broker.AppendAsync(Append(Message("inside")), StoreFolder.Stop))[0].Duplicate);
        }

        clock.Advance(Window);
        await using var late = await folder.OpenAsync(o => o with { Time = clock });
        Assert.False((await late.AppendAsync(Append(Message("outside")), StoreFolder.Stop))[0].Duplicate);
    }

    private static Message Message(string id) => new() { Id = new MessageId(id), Source = "/clock" };

    private static TopicAppend Append(params IReadOnlyList<Message> messages) => new() { Topic = "t", Messages = messages, Dedupe = DedupeMode.ById };
}
