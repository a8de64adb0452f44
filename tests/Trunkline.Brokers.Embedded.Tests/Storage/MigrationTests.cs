using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RocksDbSharp;
using Trunkline.Brokers.Embedded.Inspection;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>
/// Stores of earlier formats. The golden store of each format is kept as an archive, made once by the version that introduced the format
/// (<c>TRUNKLINE_WRITE_GOLDEN=1</c>, from an empty place), and never made again.
/// </summary>
public class MigrationTests
{
    private const int Messages = 40;

    [Fact]
    public void There_is_a_step_from_each_older_format() =>
        Assert.Equal(Enumerable.Range(StoreFormat.Oldest, StoreFormat.Version - StoreFormat.Oldest), StoreMigration.Steps.Keys.Order());

    [Fact]
    public async Task The_golden_store_of_each_format_opens_with_all_it_had()
    {
        await WriteGoldenAsync();
        for (var format = StoreFormat.Oldest; format <= StoreFormat.Version; format++)
        {
            using var folder = Golden(format);
            await CheckAsync(folder.Path, format);
            Assert.Empty(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings);
        }
    }

    [Fact]
    public async Task An_older_format_is_migrated_after_a_checkpoint_with_which_the_older_version_goes_on()
    {
        using var folder = Golden(StoreFormat.Version);
        var tries = 0;
        var steps = new Dictionary<int, Action<Store>>
        {
            [StoreFormat.Version] = store =>
            {
                using var change = new WriteBatch();
                change.Put("z"u8.ToArray(), new[] { (byte)++tries }, store.Meta);
                store.Write(change, sync: true);
                if (tries == 1)
                {
                    throw new BrokerException(BrokerErrorCode.DiskFull, "as a crash in the middle of the step");
                }
            },
        };
        var kept = $"{folder.Path}.format-{StoreFormat.Version}";
        try
        {
            Assert.Throws<BrokerException>(() => StoreMigration.Run(folder.Path, StoreFormat.Version, steps, NullLogger.Instance));
            Assert.Equal(StoreFormat.Version, StoreFormat.CheckOrCreate(folder.Path));
            StoreMigration.Run(folder.Path, StoreFormat.Version, steps, NullLogger.Instance);
            Assert.Equal(2, tries);
            Assert.Equal(BrokerErrorCode.StoreNewer, (await Assert.ThrowsAsync<BrokerException>(() => folder.OpenAsync())).Code);
            using (var migrated = Store.Open(folder.Path, StoreMemory.Default))
            {
                Assert.Equal([2], migrated.Get(migrated.Meta, "z"u8)!);
            }

            await CheckAsync(kept, StoreFormat.Version);
        }
        finally
        {
            Directory.Delete(kept, recursive: true);
        }
    }

    [Fact]
    public async Task A_format_below_the_first_is_damage()
    {
        using var folder = Golden(StoreFormat.Oldest);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "FORMAT"), "trunkline-embedded-store 0\n", StoreFolder.Stop);
        Assert.Equal(BrokerErrorCode.StoreDamaged, (await Assert.ThrowsAsync<BrokerException>(() => folder.OpenAsync())).Code);
    }

    private static string Archive(int format) => Path.Combine(AppContext.BaseDirectory, "Storage", "Golden", $"format-{format}.tar.gz");

    private static StoreFolder Golden(int format)
    {
        var folder = new StoreFolder();
        using var packed = File.OpenRead(Archive(format));
        using var tar = new GZipStream(packed, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(tar, folder.Path, overwriteFiles: false);
        return folder;
    }

    private static async Task CheckAsync(string path, int format)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = path }, StoreFolder.Stop);
        Assert.Equal(Enumerable.Range(0, Messages).Select(Text), await StoreFolder.ReadAsync(broker, "golden", 1));
        if (format >= 3)
        {
            Assert.Equal(Enumerable.Range(0, Messages).Select(Text), await StoreFolder.ReadAsync(broker, "golden", 2));
        }

        var read = (await broker.ReadAsync(new ReadRequest("golden", 1, 7, 1), StoreFolder.Stop)).Single();
        Assert.Equal(("key", "/golden", "a/b", "ü"), (read.Message.Key.ToString(), read.Message.Source, read.Message.ContentType, read.Message.Headers.Text("name")));
        var settings = (await broker.DescribeTopicAsync("golden", StoreFolder.Stop)).Settings;
        Assert.Equal((3, TimeSpan.FromDays(3650), TimeSpan.FromDays(3650)), (settings.Partitions, settings.RetentionAge, settings.DedupeWindow));
        Assert.Equal(Messages - 5, (await broker.DescribeGroupsAsync("golden", StoreFolder.Stop)).Single(g => g.Group == "g").Partitions[1].Next);
        Assert.Equal("state", Encoding.UTF8.GetString((await broker.ReadStateAsync("s", 1, "k"u8.ToArray(), StoreFolder.Stop))!.Value.Span));
        var repeated = await broker.AppendAsync(new TopicAppend { Topic = "golden", Partition = 1, Messages = [Message(3)], Dedupe = DedupeMode.ById }, StoreFolder.Stop);
        Assert.Equal([new Appended(new Position(1, 3), true)], repeated);
    }

    /// <summary>Makes the archive of this version's format where there is none, if asked to.</summary>
    private static async Task WriteGoldenAsync()
    {
        if (Environment.GetEnvironmentVariable("TRUNKLINE_WRITE_GOLDEN") != "1" || File.Exists(Archive(StoreFormat.Version)))
        {
            return;
        }

        using var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            await FillAsync(broker, 0, Messages / 2);
        }

        // One half in tables and blob files, the other in the log.
        await using (var broker = await folder.OpenAsync())
        {
            await FillAsync(broker, Messages / 2, Messages);
        }

        Array.ForEach([.. folder.Files("LOG*"), .. folder.Files("LOCK"), .. folder.Files("OPTIONS*")], f => f.Delete());
        Directory.CreateDirectory(Path.GetDirectoryName(Archive(StoreFormat.Version))!);
        await using var packed = File.Create(Archive(StoreFormat.Version));
        await using var tar = new GZipStream(packed, CompressionLevel.SmallestSize);
        await TarFile.CreateFromDirectoryAsync(folder.Path, tar, includeBaseDirectory: false, StoreFolder.Stop);
    }

    private static async Task FillAsync(EmbeddedBroker broker, int from, int until)
    {
        var forever = TimeSpan.FromDays(3650);
        await broker.CreateTopicAsync(new TopicSettings { Name = "golden", Partitions = 3, RetentionAge = forever, DedupeWindow = forever }, StoreFolder.Stop);
        for (var i = from; i < until; i++)
        {
            await broker.AppendAsync(new TopicAppend { Topic = "golden", Partition = 1, Messages = [Message(i)], Dedupe = DedupeMode.ById }, StoreFolder.Stop);
        }

        // Since format 3 a batch as large as this one is in the log only.
        await broker.AppendAsync(new TopicAppend { Topic = "golden", Partition = 2, Messages = [.. Enumerable.Range(from, until - from).Select(Message)] }, StoreFolder.Stop);
        await using var member = await broker.SubscribeAsync(new SubscribeOptions { Topic = "golden", Group = "g" }, StoreFolder.Stop);
        Assert.IsType<SubscriptionEvent.Assigned>(await member.ReceiveAsync(1, StoreFolder.Stop));
        await broker.CommitAsync(new CommitUnit
        {
            Fence = member.Fence,
            Positions = [new PositionUpdate("golden", 1, Progress.At(until - 5))],
            State = [new StateWrite("s", 1, "k"u8.ToArray(), "state"u8.ToArray())],
        }, StoreFolder.Stop);
    }

    private static string Text(int i) => $"{i}: {new string((char)('a' + (i % 26)), i % 2 == 0 ? 20 : 3000)}";

    private static Message Message(int i) => new()
    {
        Id = new MessageId($"id-{i}"),
        Source = "/golden",
        Key = MessageKey.FromText("key"),
        ContentType = "a/b",
        Headers = Headers.Of(new Header("name", Encoding.UTF8.GetBytes("ü"))),
        Payload = Encoding.UTF8.GetBytes(Text(i)),
    };
}
