using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>What becomes of the log's files, which hold the large batches: written again when nothing in them is used, emptied when little is, kept as long as anything is.</summary>
public sealed class LogSpaceTests : IDisposable
{
    /// <summary>The least memory a store has: files of its log are a megabyte.</summary>
    private const long MemoryBytes = 16L * 1024 * 1024;
    private const int BatchBytes = 50_000;
    private readonly StoreFolder _folder = new();
    private readonly Dictionary<string, List<string>> _written = [];
    private int _number;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_retention_took_leaves_room_that_is_written_again()
    {
        await using var broker = await OpenAsync();
        await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1, RetentionBytes = 2_000_000 }, StoreFolder.Stop);
        for (var round = 0; round < 60; round++)
        {
            await AppendAsync(broker, "t", 20);
            await broker.ApplyRetentionAsync(false, StoreFolder.Stop);
        }

        // 60 MB went through it.
        Assert.InRange(_folder.Files(LogFile.Pattern).Sum(file => file.Length), 2_000_000, 30_000_000);
        await AssertHoldsAsync(broker, "t");
    }

    [Fact]
    public async Task What_is_kept_long_is_moved_out_of_files_that_are_mostly_dead_and_read_on_meanwhile()
    {
        await using (var broker = await OpenAsync())
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1, RetentionBytes = 1_000_000 }, StoreFolder.Stop);
            await StoreFolder.CreateAsync(broker, "kept");
            using var stop = new CancellationTokenSource();
            var reader = ReadUntilAsync(broker, stop.Token);
            for (var round = 0; round < 80; round++)
            {
                await AppendAsync(broker, "kept", 1);
                await AppendAsync(broker, "t", 20);
                await broker.ApplyRetentionAsync(false, StoreFolder.Stop);
            }

            await stop.CancelAsync();
            Assert.True(await reader > 0);
            // Of each megabyte 50 KB are kept: they would hold 84 MB.
            Assert.InRange(_folder.Files(LogFile.Pattern).Sum(file => file.Length), 1_000_000, 36_000_000);
            Assert.Equal(_written["kept"], await StoreFolder.ReadAsync(broker, "kept"));
        }

        await using var again = await OpenAsync();
        Assert.Equal(_written["kept"], await StoreFolder.ReadAsync(again, "kept"));
        await AssertHoldsAsync(again, "t");
    }

    [Fact]
    public async Task Files_of_earlier_runs_are_kept_for_what_they_hold_and_go_with_it()
    {
        for (var run = 0; run < 3; run++)
        {
            await using var broker = await OpenAsync();
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1, RetentionBytes = 3_000_000 }, StoreFolder.Stop);
            await AppendAsync(broker, "t", 15);
            await AssertHoldsAsync(broker, "t");
        }

        var early = _folder.Files(LogFile.Pattern).Select(file => file.Name).ToArray();
        Assert.True(early.Length >= 3);
        await using var last = await OpenAsync();
        for (var round = 0; round < 10; round++)
        {
            await AppendAsync(last, "t", 20);
            await last.ApplyRetentionAsync(false, StoreFolder.Stop);
        }

        // What is free goes once RocksDB has written that it is: at the next start at the latest.
        await last.DisposeAsync();
        await using var again = await OpenAsync();
        Assert.DoesNotContain(_folder.Files(LogFile.Pattern), file => early.Contains(file.Name));
        await AssertHoldsAsync(again, "t");
    }

    [Fact]
    public async Task A_backup_is_whole_and_stays_as_it_was_when_the_store_goes_on()
    {
        using var beside = new StoreFolder();
        var backup = Path.Combine(beside.Path, "backup");
        await using var broker = await OpenAsync();
        await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1, RetentionBytes = 2_000_000 }, StoreFolder.Stop);
        await AppendAsync(broker, "t", 30);
        await broker.BackupAsync(backup, StoreFolder.Stop);
        var before = Bytes(backup);
        for (var round = 0; round < 30; round++)
        {
            await AppendAsync(broker, "t", 20);
            await broker.ApplyRetentionAsync(false, StoreFolder.Stop);
        }

        Assert.Equal(before, Bytes(backup));
        await using var restored = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = Path.Combine(backup, "store") }, StoreFolder.Stop);
        Assert.Equal(_written["t"].Take(30), await StoreFolder.ReadAsync(restored, "t"));
    }

    [Fact]
    public async Task A_scrub_leaves_no_byte_of_what_was_erased_in_the_log()
    {
        await using var broker = await OpenAsync();
        await StoreFolder.CreateAsync(broker, "t");
        await AppendAsync(broker, "t", 30);
        await broker.EraseAsync("t", [new ErasedMessage(new Position(0, 7), null)], StoreFolder.Stop);
        Assert.Contains(_folder.Files(LogFile.Pattern), Holds(7));
        await broker.ScrubAsync(StoreFolder.Stop);
        Assert.DoesNotContain(_folder.Files("*"), Holds(7));
        Assert.Equal(_written["t"].Where((_, i) => i != 7), await StoreFolder.ReadAsync(broker, "t"));
    }

    private static Predicate<FileInfo> Holds(int number) => file => Read(file.FullName).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(Text(number))) >= 0;

    private static byte[] Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string Bytes(string folder) => string.Join("\n", Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(file => $"{file} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Read(file)))}"));

    private static string Text(int number) => $"{number:D6}:{new string((char)('a' + (number % 26)), BatchBytes)}";

    private Task<EmbeddedBroker> OpenAsync() => _folder.OpenAsync(options => options with { MemoryBytes = MemoryBytes });

    private async Task AppendAsync(EmbeddedBroker broker, string topic, int count)
    {
        var written = _written.TryGetValue(topic, out var before) ? before : _written[topic] = [];
        for (var i = 0; i < count; i++)
        {
            written.Add(Text(_number++));
            await broker.AppendAsync(StoreFolder.Append(topic, written[^1]), StoreFolder.Stop);
        }
    }

    /// <summary>What a topic holds is the newest of what was written.</summary>
    private async Task AssertHoldsAsync(EmbeddedBroker broker, string topic)
    {
        var read = await StoreFolder.ReadAsync(broker, topic);
        Assert.NotEmpty(read);
        Assert.Equal(_written[topic].TakeLast(read.Count), read);
    }

    private static async Task<int> ReadUntilAsync(EmbeddedBroker broker, CancellationToken stop)
    {
        var pages = 0;
        while (!stop.IsCancellationRequested)
        {
            foreach (var text in await StoreFolder.ReadAsync(broker, "kept"))
            {
                Assert.Equal(Text(int.Parse(text.AsSpan(0, 6), System.Globalization.CultureInfo.InvariantCulture)), text);
            }

            pages++;
        }

        return pages;
    }
}
