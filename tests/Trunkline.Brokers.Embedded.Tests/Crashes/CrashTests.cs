using System.Diagnostics;
using System.Text.RegularExpressions;
using Trunkline.Brokers.Embedded.Tests.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Crashes;

/// <summary>A store in a process of its own, killed or failed by the system; what it acknowledged is held against what is there.</summary>
public partial class CrashTests
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("TRUNKLINE_SEED"), out var seed) ? seed : 7;

    [Fact]
    public async Task Whatever_was_acknowledged_is_there_after_kill_9_again_and_again()
    {
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var journal = Path.Combine(beside.Path, "journal");
        var random = new Random(Seed);
        var lines = 0;
        for (var cycle = 0; cycle < 6; cycle++)
        {
            using var child = new ChildProcess(folder.Path, journal);
            lines += random.Next(50, 2000);
            await child.WaitForLinesAsync(lines);
            await child.KillAsync();
            lines = await CheckAsync(folder, journal);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}: 6 kills, {lines} acknowledged, all there");
    }

    [Theory]
    [InlineData("fdatasync", "EIO", 40)]
    [InlineData("fdatasync", "ENOSPC", 60)]
    public async Task After_a_failed_sync_nothing_more_is_acknowledged_and_what_was_is_there(string call, string error, int when)
    {
        SkipWithoutStrace();
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var journal = Path.Combine(beside.Path, "journal");
        using var child = new ChildProcess(folder.Path, journal, Strace(call, $"error={error}:when={when}"));
        await child.WaitForEndAsync();
        var end = ChildProcess.Lines(journal).Where(l => !l.StartsWith("ack ", StringComparison.Ordinal)).ToList();
        var expected = error == "ENOSPC" ? BrokerErrorCode.DiskFull : BrokerErrorCode.StoreFailed;
        Assert.Equal([$"error {expected}", $"then {BrokerErrorCode.StoreFailed}"], end);
        Assert.True(await CheckAsync(folder, journal) > 0);
    }

    /// <summary>
    /// The log is written with <c>pwrite64</c> and synced with <c>fdatasync</c>; the journal that tells of the acknowledgement is written
    /// with <c>pwrite64</c> too. A kill on entering each of them falls before, in and after the write, and between sync and answer.
    /// </summary>
    [Theory]
    [InlineData("pwrite64", 45)]
    [InlineData("pwrite64", 46)]
    [InlineData("pwrite64", 133)]
    [InlineData("fdatasync", 12)]
    [InlineData("fdatasync", 75)]
    public async Task Killed_at_each_step_of_a_group_what_was_acknowledged_is_there_and_units_are_whole(string call, int when)
    {
        SkipWithoutStrace();
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var journal = Path.Combine(beside.Path, "journal");
        using var child = new ChildProcess(folder.Path, journal, Strace(call, $"signal=SIGKILL:when={when}"));
        await child.WaitForEndAsync();
        await CheckAsync(folder, journal);
    }

    [Fact]
    public async Task Writes_that_are_interrupted_are_made_again()
    {
        SkipWithoutStrace();
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var journal = Path.Combine(beside.Path, "journal");
        using var child = new ChildProcess(folder.Path, journal, Strace("pwrite64", "error=EINTR:when=40+3"));
        await child.WaitForLinesAsync(400);
        await child.KillAsync();
        Assert.DoesNotContain(ChildProcess.Lines(journal), line => !line.StartsWith("ack ", StringComparison.Ordinal));
        Assert.True(await CheckAsync(folder, journal) >= 400);
    }

    [Fact]
    public async Task A_write_that_is_cut_short_and_then_refused_is_told_and_nothing_acknowledged_is_lost()
    {
        SkipWithoutStrace();
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var journal = Path.Combine(beside.Path, "journal");

        // The kernel takes of a write what fits below the limit, and refuses the rest: a short write as a full volume makes it, at a byte in the middle of a
        // record. The runtime maps its code by a large file unless it is told not to. strace only watches, one file for each thread.
        using (var child = new ChildProcess(folder.Path, journal, ["/usr/bin/strace", "-ff", "-qq", "-s", "0", "-o", Path.Combine(beside.Path, "calls"), "-e", "trace=pwrite64", "bash", "-c", "trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 700; exec \"$@\"", "limited"]))
        {
            await child.WaitForEndAsync();
        }

        var end = ChildProcess.Lines(journal).Where(l => !l.StartsWith("ack ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, end.Count);
        Assert.StartsWith("error ", end[0], StringComparison.Ordinal);
        Assert.Equal($"then {BrokerErrorCode.StoreFailed}", end[1]);
        Assert.True(beside.Files("calls.*").SelectMany(file => File.ReadLines(file.FullName)).Any(IsShort), "no write was short");
        Assert.True(await CheckAsync(folder, journal) > 0);
    }

    [Fact]
    public async Task A_read_that_fails_is_told_with_its_range_and_another_partition_stays_readable()
    {
        SkipWithoutStrace();
        using var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t", partitions: 1);
            await broker.AppendAsync(StoreFolder.Append("t", new string('x', 10_000)), StoreFolder.Stop);
        }

        // Opening moves batches of this size out of the log into a blob file; one for each partition, so that only one of them fails.
        await (await folder.OpenAsync()).DisposeAsync();
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "u", partitions: 1);
            await broker.AppendAsync(StoreFolder.Append("u", new string('y', 10_000)), StoreFolder.Stop);
        }

        await (await folder.OpenAsync()).DisposeAsync();
        var blob = folder.Files("*.blob").First(f => File.ReadAllBytes(f.FullName).AsSpan().IndexOf("xxxx"u8) >= 0);
        var start = ChildProcess.Start([ReadChild.Verb, folder.Path], ["timeout", "120", "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-P", blob.FullName, "-e", "trace=pread64", "-e", "inject=pread64:error=EIO"]);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var told = await process.StandardOutput.ReadToEndAsync(StoreFolder.Stop);
        await process.WaitForExitAsync(StoreFolder.Stop);
        Assert.Contains("t/0: StoreDamaged Offsets 0 to 0 of t/0", told, StringComparison.Ordinal);
        Assert.Contains("u/0: 1 messages", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_another_process_has_open_is_refused_until_that_is_killed()
    {
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var journal = Path.Combine(beside.Path, "journal");
        using var child = new ChildProcess(folder.Path, journal);
        await child.WaitForLinesAsync(10);
        Assert.Equal(BrokerErrorCode.StoreLocked, (await Assert.ThrowsAsync<BrokerException>(() => folder.OpenAsync())).Code);
        await child.KillAsync();
        Assert.True(await CheckAsync(folder, journal) >= 10);
    }

    [Fact]
    public async Task A_full_disk_is_told_nothing_acknowledged_is_lost_and_room_mends_it()
    {
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        await using var volume = await Volume.MountAsync(folder.Path, "6m");
        Assert.SkipWhen(volume is null, "a small volume cannot be mounted here: 1 fault not injected");
        var journal = Path.Combine(beside.Path, "journal");
        using (var child = new ChildProcess(folder.Path, journal))
        {
            await child.WaitForEndAsync();
        }

        var end = ChildProcess.Lines(journal).Where(l => !l.StartsWith("ack ", StringComparison.Ordinal)).ToList();
        Assert.Equal([$"error {BrokerErrorCode.DiskFull}", $"then {BrokerErrorCode.StoreFailed}"], end);
        await volume.RemountAsync("size=64m");
        Assert.True(await CheckAsync(folder, journal) > 0);
    }

    [Fact]
    public async Task A_nearly_full_disk_refuses_appends_until_there_is_room_and_reads_go_on()
    {
        using var folder = new StoreFolder();
        await using var volume = await Volume.MountAsync(folder.Path, "24m");
        Assert.SkipWhen(volume is null, "a small volume cannot be mounted here: 1 fault not injected");
        await using var broker = await folder.OpenAsync(o => o with { FreeBytesMin = 12 * 1024 * 1024 });
        await StoreFolder.CreateAsync(broker, "t");
        var count = 0;
        var refused = await Assert.ThrowsAsync<BrokerException>(async () =>
        {
            for (; ; count++)
            {
                await broker.AppendAsync(StoreFolder.Append("t", new string('x', 10_000)), StoreFolder.Stop);
            }
        });
        Assert.Equal(BrokerErrorCode.DiskFull, refused.Code);
        Assert.Equal(count, (await StoreFolder.ReadAsync(broker, "t")).Count);
        await volume.RemountAsync("size=128m");
        await EventuallyAppendsAsync(broker);
    }

    private static async Task EventuallyAppendsAsync(EmbeddedBroker broker)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await broker.AppendAsync(StoreFolder.Append("t", "there is room"), StoreFolder.Stop);
                return;
            }
            catch (BrokerException refused) when (refused.Code == BrokerErrorCode.DiskFull && tries < 500)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, StoreFolder.Stop);
            }
        }
    }

    /// <summary>Every acknowledged message stands where it was said to; units are whole; offsets have no holes. Returns how many.</summary>
    private static async Task<int> CheckAsync(StoreFolder folder, string journal)
    {
        var stored = new Dictionary<(int, long), string>();
        await using var broker = await folder.OpenAsync();
        for (var partition = 0; partition < StoreChild.Partitions; partition++)
        {
            var texts = await StoreFolder.ReadAsync(broker, "t", partition);
            for (var offset = 0; offset < texts.Count; offset++)
            {
                stored[(partition, offset)] = texts[offset];
            }
        }

        var acks = ChildProcess.Lines(journal).Where(l => l.StartsWith("ack ", StringComparison.Ordinal)).Select(l => l.Split(' ')).ToList();
        foreach (var ack in acks)
        {
            var place = (int.Parse(ack[1], null), long.Parse(ack[2], null));
            Assert.True(stored.TryGetValue(place, out var text), $"{place} was acknowledged and is gone");
            var name = ack[3].Split('#');
            Assert.StartsWith(name[0] + ":", text, StringComparison.Ordinal);
            Assert.EndsWith("#" + name[1], text, StringComparison.Ordinal);
        }

        foreach (var unit in stored.Values.GroupBy(t => t[..t.IndexOf(':', StringComparison.Ordinal)]))
        {
            var number = int.Parse(unit.Key.AsSpan(unit.Key.LastIndexOf('-') + 1), null);
            Assert.Equal(1 + (number % 3), unit.Count());
        }

        return ChildProcess.Lines(journal).Count;
    }

    /// <summary>A line such as <c>pwrite64(96, ""..., 341234, 40960) = 157004</c>.</summary>
    private static bool IsShort(string call)
    {
        var match = ShortWrite().Match(call);
        return match.Success && long.Parse(match.Groups[2].ValueSpan, null) is > 0 and var written && written < long.Parse(match.Groups[1].ValueSpan, null);
    }

    [GeneratedRegex(@"^pwrite64\(.*, (\d+), \d+\)\s+= (\d+)$", RegexOptions.None, 1000)]
    private static partial Regex ShortWrite();

    private static void SkipWithoutStrace() => Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed: 1 fault not injected");

    private static string[] Strace(string call, string fault) =>
        ["/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:{fault}"];
}
