using System.Globalization;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>Small batches become large ones underneath: readers and restarts see the same messages before, meanwhile and after.</summary>
public class MergeTests
{
    private const int Messages = 2000;
    private int _acknowledged;

    [Fact]
    public async Task Readers_of_the_store_miss_nothing_while_small_batches_are_merged()
    {
        using var folder = new StoreFolder();
        // Nothing stays in memory for readers at the end of the log: all of them read the store.
        await using (var broker = await folder.OpenAsync(o => o with { TailBytesMax = 1 }))
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1, Durability = Durability.None }, StoreFolder.Stop);
            var filling = Task.Run(() => FillAsync(broker), StoreFolder.Stop);
            while (!filling.IsCompleted)
            {
                var least = Volatile.Read(ref _acknowledged);
                var read = await StoreFolder.ReadAsync(broker, "t");
                Assert.True(read.Count >= least, $"{least} messages were acknowledged, {read.Count} read");
                Assert.Equal(Enumerable.Range(0, read.Count).Select(Payload), read);
            }

            await filling;
            Assert.Equal(Messages, (await StoreFolder.ReadAsync(broker, "t")).Count);
        }

        await using var again = await folder.OpenAsync();
        Assert.Equal(Enumerable.Range(0, Messages).Select(Payload), await StoreFolder.ReadAsync(again, "t"));
    }

    private async Task FillAsync(EmbeddedBroker broker)
    {
        for (var i = 0; i < Messages; i++)
        {
            await broker.AppendAsync(StoreFolder.Append("t", Payload(i)), StoreFolder.Stop);
            Volatile.Write(ref _acknowledged, i + 1);
        }
    }

    private static string Payload(int number) => number.ToString(CultureInfo.InvariantCulture).PadLeft(300, '.');
}
