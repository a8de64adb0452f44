using System.Diagnostics;
using Trunkline.Brokers.Embedded.Tests.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Crashes;

/// <summary>A store in a process of its own, killed or failed by the system; what it acknowledged is held against what is there.</summary>
public class CrashTests
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
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed: 1 fault not injected");
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var journal = Path.Combine(beside.Path, "journal");
        using var child = new ChildProcess(folder.Path, journal,
            "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:error={error}:when={when}");
        await child.WaitForEndAsync();
        var end = ChildProcess.Lines(journal).Where(l => !l.StartsWith("ack ", StringComparison.Ordinal)).ToList();
        var expected = error == "ENOSPC" ? BrokerErrorCode.DiskFull : BrokerErrorCode.StoreFailed;
        Assert.Equal([$"error {expected}", $"then {BrokerErrorCode.StoreFailed}"], end);
        Assert.True(await CheckAsync(folder, journal) > 0);
    }

    [Fact]
    public async Task A_full_disk_is_told_nothing_acknowledged_is_lost_and_room_mends_it()
    {
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        Assert.SkipUnless(Environment.UserName == "root" && await RunAsync("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder.Path) == 0,
            "a small volume cannot be mounted here: 1 fault not injected");
        try
        {
            var journal = Path.Combine(beside.Path, "journal");
            using (var child = new ChildProcess(folder.Path, journal))
            {
                await child.WaitForEndAsync();
            }

            var end = ChildProcess.Lines(journal).Where(l => !l.StartsWith("ack ", StringComparison.Ordinal)).ToList();
            Assert.Equal([$"error {BrokerErrorCode.DiskFull}", $"then {BrokerErrorCode.StoreFailed}"], end);
            Assert.Equal(0, await RunAsync("mount", "-o", "remount,size=64m", folder.Path));
            Assert.True(await CheckAsync(folder, journal) > 0);
        }
        finally
        {
            await RunAsync("umount", folder.Path);
        }
    }

    [Fact]
    public async Task A_nearly_full_disk_refuses_appends_until_there_is_room_and_reads_go_on()
    {
        using var folder = new StoreFolder();
        Assert.SkipUnless(Environment.UserName == "root" && await RunAsync("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder.Path) == 0,
            "a small volume cannot be mounted here: 1 fault not injected");
        try
        {
            await using (var broker = await folder.OpenAsync(o => o with { FreeBytesMin = 12 * 1024 * 1024 }))
            {
                await StoreFolder.CreateAsync(broker, "t");
                var count = 0;
                var refused = await Assert.ThrowsAsync<BrokerException>(async () =>
                {
                    for (; ; count++)
                    {
                        await broker.AppendAsync(StoreFolder.Append("t", new string('x', 50_000)), StoreFolder.Stop);
                    }
                });
                Assert.Equal(BrokerErrorCode.DiskFull, refused.Code);
                Assert.Equal(count, (await StoreFolder.ReadAsync(broker, "t")).Count);
                Assert.Equal(0, await RunAsync("mount", "-o", "remount,size=128m", folder.Path));
                await EventuallyAppendsAsync(broker);
            }
        }
        finally
        {
            await RunAsync("umount", folder.Path);
        }
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

    private static async Task<int> RunAsync(string command, params IEnumerable<string> args)
    {
        using var process = Process.Start(new ProcessStartInfo(command, args) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(StoreFolder.Stop);
        return process.ExitCode;
    }
}
