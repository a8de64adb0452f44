using System.Diagnostics;
using System.Globalization;
using Trunkline.Brokers.Embedded.Tests.Damage;
using Trunkline.Brokers.Embedded.Tests.Storage;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Crashes;

/// <summary>
/// A process killed at its n-th call of the system that changes or syncs files, while it opens a store (which replays the log, writes
/// tables, moves to new files and removes old ones) and applies retention; then killed there again on what that left.
/// </summary>
[Trait("speed", "slow")]
public class StepTests
{
    private const int Settled = 3;
    private const int Last = 4;

    /// <summary>Which calls are tried, by number; with TRUNKLINE_EVERY_BYTE=1 every one.</summary>
    private static readonly int[] Steps = Environment.GetEnvironmentVariable("TRUNKLINE_EVERY_BYTE") == "1" ? [.. Enumerable.Range(1, 1000)] : [1, 2, 4, 7, 11, 16, 22, 29];

    [Theory]
    [InlineData("fdatasync")]
    [InlineData("fsync")]
    [InlineData("rename")]
    [InlineData("unlink")]
    [InlineData("ftruncate")]
    public async Task Killed_at_any_step_of_a_start_and_again_in_the_next_the_store_is_as_it_was(string call)
    {
        SkipWithoutStrace();
        using var store = await GroupedStore.MarkedAsync(Settled, Last, 3000);
        foreach (var step in Steps)
        {
            using var copy = store.Copy();
            var killed = await RunAsync(copy, call, step);
            await RunAsync(copy, call, step);
            Assert.Equal(Settled + Last, await store.GroupsAsync(copy));
            if (!killed)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{call}: fewer than {step} in a start");
                return;
            }
        }
    }

    [Theory]
    [InlineData("fdatasync")]
    [InlineData("unlink")]
    public async Task Killed_at_any_step_of_retention_what_is_left_is_whole(string call)
    {
        SkipWithoutStrace();
        using var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 2, RetentionBytes = 40_000 }, StoreFolder.Stop);
            for (var i = 0; i < 60; i++)
            {
                await broker.AppendAsync(StoreFolder.Append("t", GroupedStore.Text(i, 3000)) with { Partition = i % 2 }, StoreFolder.Stop);
            }
        }

        foreach (var step in Steps)
        {
            using var copy = folder.Copy();
            var killed = await RunAsync(copy, call, step);
            await using (var broker = await copy.OpenAsync())
            {
                await CheckRestAsync(broker);
                Assert.True(killed || (await broker.DescribeTopicAsync("t", StoreFolder.Stop)).Partitions[0].LowOffset > 0);
                await broker.ApplyRetentionAsync(force: true, StoreFolder.Stop);
                await CheckRestAsync(broker);
                Assert.True((await broker.DescribeTopicAsync("t", StoreFolder.Stop)).Partitions[0].LowOffset > 0);
            }

            if (!killed)
            {
                return;
            }
        }
    }

    /// <summary>From the low offset to the end nothing is missing and nothing else is there.</summary>
    private static async Task CheckRestAsync(EmbeddedBroker broker)
    {
        foreach (var partition in (await broker.DescribeTopicAsync("t", StoreFolder.Stop)).Partitions)
        {
            Assert.Equal(30, partition.HighOffset);
            var rest = Enumerable.Range((int)partition.LowOffset, 30 - (int)partition.LowOffset);
            Assert.Equal(rest.Select(i => GroupedStore.Text((2 * i) + partition.Partition, 3000)), await StoreFolder.ReadAsync(broker, "t", partition.Partition, partition.LowOffset));
        }
    }

    private static void SkipWithoutStrace() => Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed: 1 fault not injected");

    /// <summary>Runs the child, killed at its n-th such call; false if it made fewer and ended by itself.</summary>
    private static async Task<bool> RunAsync(StoreFolder folder, string call, int step)
    {
        var inject = string.Create(CultureInfo.InvariantCulture, $"inject={call}:signal=SIGKILL:when={step}");
        var start = ChildProcess.Start([UpkeepChild.Verb, folder.Path], ["timeout", "120", "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", inject]);
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var told = await process.StandardError.ReadToEndAsync(StoreFolder.Stop);
        await process.WaitForExitAsync(StoreFolder.Stop);
        Assert.True(process.ExitCode is 0 or 137, $"{call} {step}: {process.ExitCode} {told}");
        return process.ExitCode != 0;
    }
}
