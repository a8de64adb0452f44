using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>What was erased is in no file of the store, and no crash brings it back.</summary>
public sealed class ErasureTests
{
    private const string Secret = "PLANTED-SECRET-4711";

    [Fact]
    public async Task After_a_scrub_no_file_holds_a_byte_of_an_erased_message_or_of_deleted_state_and_all_else_is_there()
    {
        using var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            await FillAsync(broker);
            Assert.Equal(20, await broker.EraseAsync("t", [.. Enumerable.Range(0, 20).Select(i => new ErasedMessage(new Position(0, i * 50)))], StoreFolder.Stop));
            await broker.CommitAsync(new CommitUnit { State = [new StateWrite("s", 0, Encoding.UTF8.GetBytes("a/" + Secret), null)] }, StoreFolder.Stop);
            Assert.NotEmpty(Found(folder));
            await broker.ScrubAsync(StoreFolder.Stop);
            Assert.Empty(Found(folder));
            Assert.Equal(980, (await StoreFolder.ReadAsync(broker, "t")).Count);
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"u{i}"), await StoreFolder.ReadAsync(broker, "u"));
            await broker.AppendAsync(StoreFolder.Append("u", "more"), StoreFolder.Stop);
        }

        await using var again = await folder.OpenAsync();
        Assert.Equal(980, (await StoreFolder.ReadAsync(again, "t")).Count);
        Assert.Equal("more", (await StoreFolder.ReadAsync(again, "u"))[^1]);
        Assert.Empty(Found(folder));
    }

    [Fact]
    public async Task A_crash_after_an_erasure_brings_nothing_back_also_not_out_of_batches_that_were_merged()
    {
        using var folder = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        await StoreFolder.CreateAsync(broker, "t");

        // One at a time: small batches, which the idle writer merges without a log.
        for (var i = 0; i < 1_200; i++)
        {
            await broker.AppendAsync(StoreFolder.Append("t", i == 100 ? Secret : $"m{i}"), StoreFolder.Stop);
        }

        await broker.EraseAsync("t", [new ErasedMessage(new Position(0, 100))], StoreFolder.Stop);
        using var crashed = folder.Copy();
        await using var survivor = await crashed.OpenAsync();
        var left = await StoreFolder.ReadAsync(survivor, "t");
        Assert.Equal(Enumerable.Range(0, 1_200).Where(i => i != 100).Select(i => $"m{i}"), left);
        await survivor.ScrubAsync(StoreFolder.Stop);
        Assert.Empty(Found(crashed));
    }

    [Fact]
    public async Task A_crash_after_a_compaction_brings_nothing_back_also_not_out_of_batches_that_were_merged()
    {
        using var folder = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        await broker.CreateTopicAsync(new TopicSettings { Name = "c", Partitions = 1, Compacted = true }, StoreFolder.Stop);

        // One at a time: small batches, which the idle writer merges without a log.
        const int messages = 1_200;
        const int keys = 10;
        for (var i = 0; i < messages; i++)
        {
            var message = new Message { Key = MessageKey.FromText($"k{i % keys}"), Payload = Encoding.UTF8.GetBytes($"m{i}") };
            await broker.AppendAsync(new TopicAppend { Topic = "c", Messages = [message] }, StoreFolder.Stop);
        }

        Assert.Equal(messages - keys, await broker.ApplyRetentionAsync(force: false, StoreFolder.Stop));
        string[] newest = [.. Enumerable.Range(messages - keys, keys).Select(i => $"m{i}")];
        Assert.Equal(newest, await StoreFolder.ReadAsync(broker, "c"));
        using var crashed = folder.Copy();
        await using var survivor = await crashed.OpenAsync();
        Assert.Equal(newest, await StoreFolder.ReadAsync(survivor, "c"));
    }

    [Fact]
    public async Task Erasing_goes_on_beside_appends_and_reads()
    {
        using var folder = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        await StoreFolder.CreateAsync(broker, "t");
        await broker.AppendAsync(StoreFolder.Append("t", Enumerable.Range(0, 5_000).Select(i => $"m{i}")), StoreFolder.Stop);
        var appending = Task.Run(async () =>
        {
            for (var i = 5_000; i < 5_300; i++)
            {
                await broker.AppendAsync(StoreFolder.Append("t", $"m{i}"), StoreFolder.Stop);
            }
        }, StoreFolder.Stop);
        var erased = await broker.EraseAsync("t", [.. Enumerable.Range(0, 5_000).Where(i => i % 3 == 0).Select(i => new ErasedMessage(new Position(0, i)))], StoreFolder.Stop);
        await broker.ScrubAsync(StoreFolder.Stop);
        await appending;
        Assert.Equal(1_667, erased);
        Assert.Equal(Enumerable.Range(0, 5_300).Where(i => i >= 5_000 || i % 3 != 0).Select(i => $"m{i}"), await StoreFolder.ReadAsync(broker, "t"));
    }

    [Fact]
    public async Task A_topic_of_which_everything_was_erased_reads_as_empty_and_takes_more()
    {
        using var folder = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        await broker.CreateTopicAsync(new TopicSettings { Name = "c", Partitions = 1, Compacted = true }, StoreFolder.Stop);
        foreach (var topic in new[] { "c", "t" })
        {
            if (topic == "t")
            {
                await StoreFolder.CreateAsync(broker, topic);
            }

            await broker.AppendAsync(StoreFolder.Append(topic, "a", "b"), StoreFolder.Stop);
            Assert.Equal(2, await broker.EraseAsync(topic, [new ErasedMessage(new Position(0, 0)), new ErasedMessage(new Position(0, 1))], StoreFolder.Stop));
            await broker.ApplyRetentionAsync(force: false, StoreFolder.Stop);
            Assert.Empty(await StoreFolder.ReadAsync(broker, topic));
            await broker.AppendAsync(StoreFolder.Append(topic, "c"), StoreFolder.Stop);
            Assert.Equal(["c"], await StoreFolder.ReadAsync(broker, topic));
        }
    }

    private static async Task FillAsync(EmbeddedBroker broker)
    {
        await StoreFolder.CreateAsync(broker, "t");
        await StoreFolder.CreateAsync(broker, "u");
        await broker.AppendAsync(new TopicAppend { Topic = "t", Dedupe = DedupeMode.ById, Messages = [.. Enumerable.Range(0, 1_000).Select(Planted)] }, StoreFolder.Stop);
        await broker.AppendAsync(StoreFolder.Append("u", Enumerable.Range(0, 10).Select(i => $"u{i}")), StoreFolder.Stop);
        await broker.CommitAsync(new CommitUnit { State = [new StateWrite("s", 0, Encoding.UTF8.GetBytes("a/" + Secret), Encoding.UTF8.GetBytes(Secret))] }, StoreFolder.Stop);

        // Files with the secret as first and last key: the list of files names them.
        await broker.ScrubAsync(StoreFolder.Stop);
    }

    /// <summary>Every fiftieth message carries the secret wherever a message can carry something.</summary>
    private static Message Planted(int number)
    {
        var text = number % 50 == 0 ? $"{Secret}-{number}" : $"plain-{number}-{new string('x', 3000)}";
        return new Message
        {
            Id = new MessageId(text[..Math.Min(text.Length, 40)]),
            Source = text,
            Key = MessageKey.FromText(text),
            Headers = Headers.Of(new Header("h", text)),
            Payload = Encoding.UTF8.GetBytes(text),
        };
    }

    private static List<string> Found(StoreFolder folder)
    {
        var needle = Encoding.UTF8.GetBytes(Secret);
        return [.. folder.Files("*").Where(file => file.Name != "LOCK" && File.ReadAllBytes(file.FullName).AsSpan().IndexOf(needle) >= 0).Select(file => file.Name)];
    }
}
