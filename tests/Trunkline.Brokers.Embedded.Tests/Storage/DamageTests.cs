using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>
/// What is done to the files of a store, and what must come of it: everything acknowledged is read, or the damage is reported. Never
/// a wrong payload, never a silent loss. The seed is printed; the offsets are a sample.
/// </summary>
public class DamageTests
{
    private const int Messages = 300;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("TRUNKLINE_SEED"), out var seed) ? seed : 7;

    [Fact]
    public async Task A_log_cut_below_the_mark_is_refused_with_the_lost_range()
    {
        using var folder = new StoreFolder();
        await FillAsync(folder, Messages);
        var log = LogFile.Of(folder);
        var (random, used) = (new Random(Seed), LogFile.Used(log));
        for (var i = 0; i < 40; i++)
        {
            var length = random.NextInt64(used / 4, used - 20);
            using var copy = folder.Copy();
            Cut(System.IO.Path.Combine(copy.Path, log.Name), length);
            var refused = await Assert.ThrowsAsync<BrokerException>(() => copy.OpenAsync());
            Assert.Equal(BrokerErrorCode.StoreDamaged, refused.Code);
            Assert.Contains("t/0 offsets", refused.Message, StringComparison.Ordinal);
            Assert.Contains($"to {Messages - 1}", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_torn_tail_above_the_mark_is_cut_and_the_rest_is_whole()
    {
        using var folder = new StoreFolder();
        await FillAsync(folder, Messages);
        // One more group that nobody was told of: the mark stands below it.
        using var grown = folder.Copy();
        var marks = grown.Files("acknowledged.*").ToDictionary(f => f.Name, f => File.ReadAllBytes(f.FullName));
        await using (var broker = await folder.OpenAsync())
        {
            await broker.AppendAsync(StoreFolder.Append("t", "the last"), StoreFolder.Stop);
            using var copy = folder.Copy();
            var tail = LogFile.Of(copy);
            for (var length = LogFile.Used(tail); length >= 0; length -= 97)
            {
                using var torn = copy.Copy();
                Cut(System.IO.Path.Combine(torn.Path, tail.Name), length);
                foreach (var (name, bytes) in marks)
                {
                    await File.WriteAllBytesAsync(System.IO.Path.Combine(torn.Path, name), bytes, StoreFolder.Stop);
                }

                await using var opened = await torn.OpenAsync();
                var read = await StoreFolder.ReadAsync(opened, "t");
                Assert.True(read.Count is Messages or Messages + 1);
                Assert.Equal(Enumerable.Range(0, Messages).Select(Small), read.Take(Messages));
            }
        }
    }

    [Fact]
    public async Task The_mark_accepted_as_lost_opens_with_what_is_left()
    {
        using var folder = new StoreFolder();
        await FillAsync(folder, Messages);
        var log = LogFile.Of(folder);
        Cut(log.FullName, LogFile.Used(log) * 2 / 3);
        await Assert.ThrowsAsync<BrokerException>(() => folder.OpenAsync());
        await using (var broker = await folder.OpenAsync(o => o with { AcceptLoss = true }))
        {
            var left = await StoreFolder.ReadAsync(broker, "t");
            Assert.InRange(left.Count, 1, Messages - 1);
            Assert.Equal(Enumerable.Range(0, left.Count).Select(Small), left);
            await broker.AppendAsync(StoreFolder.Append("t", "more"), StoreFolder.Stop);
        }

        await (await folder.OpenAsync()).DisposeAsync();
    }

    [Theory]
    [InlineData(LogFile.Pattern)]
    [InlineData("*.sst")]
    [InlineData("*.blob")]
    public async Task A_flipped_bit_gives_the_right_payloads_or_an_error(string pattern)
    {
        using var folder = new StoreFolder();
        // Values of some size go to blob files, small ones stay in the tables.
        var padding = pattern == "*.blob" ? 2000 : 0;
        await FillAsync(folder, Messages, flush: pattern != LogFile.Pattern, padding);
        var random = new Random(Seed);
        var (refused, unreadable, harmless) = (0, 0, 0);
        var files = folder.Files(pattern).Where(f => f.Length > 0).ToArray();
        Assert.NotEmpty(files);
        for (var i = 0; i < 60; i++)
        {
            using var copy = folder.Copy();
            var file = files[random.Next(files.Length)];
            Flip(System.IO.Path.Combine(copy.Path, file.Name), random.NextInt64(LogFile.Used(file) * 8));
            try
            {
                await using var broker = await copy.OpenAsync();
                var read = await StoreFolder.ReadAsync(broker, "t");
                Assert.Equal(Enumerable.Range(0, Messages).Select(i => Text(i, padding)), read);
                harmless++;
            }
            catch (BrokerException error) when (error.Code == BrokerErrorCode.StoreDamaged)
            {
                _ = error.Message.Contains("t/0", StringComparison.Ordinal) ? unreadable++ : refused++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{pattern}, seed {Seed}: {refused} refused, {unreadable} unreadable, {harmless} without effect");
        Assert.True(refused + unreadable > 0);
    }

    [Fact]
    public async Task A_damaged_batch_is_named_and_other_partitions_stay_readable()
    {
        using var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t", partitions: 2);
            foreach (var partition in new[] { 0, 1 })
            {
                for (var i = 0; i < 3; i++)
                {
                    await broker.AppendAsync(StoreFolder.Append("t", new string((char)('a' + i), 20_000)) with { Partition = partition }, StoreFolder.Stop);
                }
            }
        }

        await FlushAsync(folder);
        // Large batches stay in the log.
        var log = folder.Files(LogFile.Pattern).First(f => f.Length > 50_000);
        var bytes = await File.ReadAllBytesAsync(log.FullName, StoreFolder.Stop);
        // The second message of partition 0: in the middle of its payload.
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(new string('b', 20_000)));
        bytes[at + 100] ^= 1;
        await File.WriteAllBytesAsync(log.FullName, bytes, StoreFolder.Stop);

        await using var again = await folder.OpenAsync();
        var error = await Assert.ThrowsAsync<BrokerException>(() => StoreFolder.ReadAsync(again, "t", 0));
        Assert.Equal(BrokerErrorCode.StoreDamaged, error.Code);
        Assert.Contains("Offsets 1 to 1 of t/0", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await StoreFolder.ReadAsync(again, "t", 1)).Count);
        Assert.Single(await StoreFolder.ReadAsync(again, "t", 0, offset: 2));
    }

    [Fact]
    public async Task A_file_of_the_log_that_holds_batches_is_missed_at_the_start_and_when_it_is_read()
    {
        using var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t");
            await broker.AppendAsync(StoreFolder.Append("t", new string('a', 20_000)), StoreFolder.Stop);
            await broker.AppendAsync(StoreFolder.Append("t", new string('b', 20_000)), StoreFolder.Stop);
        }

        await FlushAsync(folder);
        var log = folder.Files(LogFile.Pattern).First(f => f.Length > 50_000);
        using (var copy = folder.Copy())
        {
            Cut(System.IO.Path.Combine(copy.Path, log.Name), 30_000);
            var refused = await Assert.ThrowsAsync<BrokerException>(() => copy.OpenAsync());
            Assert.Contains($"{log.Name} is missing or too short", refused.Message, StringComparison.Ordinal);
        }

        await using var again = await folder.OpenAsync();
        Cut(log.FullName, 30_000);
        Assert.Single(await again.ReadAsync(new ReadRequest("t", 0, 0, 1000), StoreFolder.Stop));
        var error = await Assert.ThrowsAsync<BrokerException>(() => StoreFolder.ReadAsync(again, "t", 0, offset: 1));
        Assert.Contains("Offsets 1 to 1 of t/0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_never_an_empty_store()
    {
        using var folder = new StoreFolder();
        await FillAsync(folder, Messages, flush: true);
        foreach (var file in folder.Files("*").Where(f => f.Extension is ".sst" or ".blob" || f.Name is "CURRENT" or "FORMAT" || f.Name.StartsWith("MANIFEST", StringComparison.Ordinal)))
        {
            using var copy = folder.Copy();
            File.Delete(System.IO.Path.Combine(copy.Path, file.Name));
            var error = await Assert.ThrowsAsync<BrokerException>(async () =>
            {
                await using var broker = await copy.OpenAsync();
                await StoreFolder.ReadAsync(broker, "t");
            });
            Assert.True(error.Code is BrokerErrorCode.StoreDamaged or BrokerErrorCode.StoreFailed, $"{file.Name}: {error.Message}");
        }
    }

    private static string Small(int i) => Text(i, 0);

    private static string Text(int i, int padding) => $"{i}:{new string('x', padding + 50 + (i % 100))}";

    private static async Task FillAsync(StoreFolder folder, int count, bool flush = false, int padding = 0)
    {
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t");
            for (var i = 0; i < count; i += 3)
            {
                await broker.AppendAsync(StoreFolder.Append("t", Enumerable.Range(i, 3).Select(n => Text(n, padding))), StoreFolder.Stop);
            }
        }

        if (flush)
        {
            await FlushAsync(folder);
        }
    }

    /// <summary>Opening replays the log into table and blob files.</summary>
    private static async Task FlushAsync(StoreFolder folder)
    {
        await (await folder.OpenAsync()).DisposeAsync();
        await (await folder.OpenAsync()).DisposeAsync();
    }

    private static void Cut(string path, long length)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.SetLength(file, length);
    }

    private static void Flip(string path, long bit)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var one = new byte[1];
        RandomAccess.Read(file, one, bit / 8);
        one[0] ^= (byte)(1 << (int)(bit % 8));
        RandomAccess.Write(file, one, bit / 8);
    }
}
