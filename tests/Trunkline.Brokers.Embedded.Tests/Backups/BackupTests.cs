using System.Globalization;
using Trunkline.Brokers.Embedded.Backups;
using Trunkline.Brokers.Embedded.Inspection;
using Trunkline.Brokers.Embedded.Tests.Crashes;
using Trunkline.Brokers.Embedded.Tests.Storage;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Tests.Backups;

public class BackupTests
{
    [Fact]
    public async Task Backups_of_a_store_under_load_hold_all_acknowledged_before_and_only_whole_units()
    {
        using var folder = new StoreFolder();
        using var target = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        await StoreFolder.CreateAsync(broker, "a");
        await StoreFolder.CreateAsync(broker, "b");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(StoreFolder.Stop);
        long acknowledged = 0;
        var writing = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await broker.CommitAsync(new CommitUnit { Appends = [StoreFolder.Append("a", new string('x', 500)), StoreFolder.Append("b", "y")] }, StoreFolder.Stop);
                Interlocked.Increment(ref acknowledged);
            }
        }, StoreFolder.Stop)).ToList();
        for (var i = 0; i < 5; i++)
        {
            await broker.WaitAsync("b", 0, (i + 1) * 100, StoreFolder.Stop);
            var before = Interlocked.Read(ref acknowledged);
            var backup = Path.Combine(target.Path, $"{i}");
            var note = await broker.BackupAsync(backup, StoreFolder.Stop);
            Assert.Empty(StoreInspection.Inspect(Path.Combine(backup, "store"), StoreFolder.Stop).Findings);
            Assert.Equal((2, 1), (note.Topics, note.Format));
            var restored = Path.Combine(target.Path, $"restored-{i}");
            Assert.Equal((note, null), StoreRestore.Restore(backup, restored, StoreFolder.Stop));
            await using var copy = await OpenAsync(restored);
            var (a, b) = ((await StoreFolder.ReadAsync(copy, "a")).Count, (await StoreFolder.ReadAsync(copy, "b")).Count);
            Assert.Equal(a, b);
            Assert.True(b >= before, $"{before} were acknowledged, {b} are in the backup");
        }

        await end.CancelAsync();
        await Task.WhenAll(writing);
        Assert.Equal(5, Directory.GetDirectories(target.Path, "?").Length);
    }

    [Fact]
    public async Task Terms_and_numbers_given_after_the_backup_are_not_given_again()
    {
        using var folder = new StoreFolder();
        var backup = folder.Path + "-backup";
        try
        {
            await using var broker = await folder.OpenAsync();
            await StoreFolder.CreateAsync(broker, "t");
            await using var member = await JoinAsync(broker);

            // A group that waits for an offset to come is no damage.
            await broker.SeekAsync("t", "g", new SeekTarget.Offset(0, 100), StoreFolder.Stop);
            await broker.BackupAsync(backup, StoreFolder.Stop);
            await StoreFolder.CreateAsync(broker, "later");
            using var empty = new StoreFolder();
            StoreRestore.Restore(backup, empty.Path, StoreFolder.Stop);
            await using var restored = await empty.OpenAsync();
            await using var again = await JoinAsync(restored);
            Assert.True(again.Fence.Epoch > member.Fence.Epoch, string.Create(CultureInfo.InvariantCulture, $"{again.Fence.Epoch} after {member.Fence.Epoch}"));

            // What a holder of an old token commits is refused, not taken for a new owner's.
            var late = new CommitUnit { Fence = member.Fence, Positions = [new PositionUpdate("t", 0, Progress.At(0))] };
            Assert.Equal(BrokerErrorCode.Fenced, (await Assert.ThrowsAsync<BrokerException>(async () => await restored.CommitAsync(late, StoreFolder.Stop))).Code);
        }
        finally
        {
            Directory.Delete(backup, recursive: true);
        }
    }

    [Fact]
    public async Task A_restore_is_refused_over_a_newer_another_or_an_open_store_and_moves_an_older_one_aside()
    {
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var (first, second) = (Path.Combine(beside.Path, "first"), Path.Combine(beside.Path, "second"));
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t");
            await broker.BackupAsync(first, StoreFolder.Stop);
            await broker.AppendAsync(StoreFolder.Append("t", "one"), StoreFolder.Stop);
            await broker.BackupAsync(second, StoreFolder.Stop);
            Assert.Equal(BrokerErrorCode.StoreFailed, (await Assert.ThrowsAsync<BrokerException>(() => broker.BackupAsync(second, StoreFolder.Stop))).Code);
        }

        Refused(BrokerErrorCode.StoreNewer, first, folder.Path, "newer than the backup");
        using (var other = new StoreFolder())
        {
            await (await other.OpenAsync()).DisposeAsync();
            Refused(BrokerErrorCode.StoreNewer, second, other.Path, "another one");
        }

        using (var unreadable = new StoreFolder())
        {
            await File.WriteAllTextAsync(Path.Combine(unreadable.Path, "CURRENT"), "nothing", StoreFolder.Stop);
            Refused(BrokerErrorCode.StoreDamaged, second, unreadable.Path, "Move it away");
        }

        Refused(BrokerErrorCode.StoreFailed, beside.Path, folder.Path, "no backup");

        // The first backup's state, never opened since, is older than the second.
        var older = Path.Combine(beside.Path, "data", "store");
        Directory.CreateDirectory(Path.GetDirectoryName(older)!);
        Directory.Move(Path.Combine(first, "store"), older);
        var (_, moved) = StoreRestore.Restore(second, older, StoreFolder.Stop);
        Assert.Equal(older + ".before-restore-1", moved);
        Assert.True(File.Exists(Path.Combine(moved!, "CURRENT")));
        await using var restored = await OpenAsync(older);
        Assert.Equal(["one"], await StoreFolder.ReadAsync(restored, "t"));
    }

    [Fact]
    public async Task A_store_in_use_is_not_restored_over()
    {
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var backup = Path.Combine(beside.Path, "backup");
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t", StoreChild.Partitions);
            await broker.BackupAsync(backup, StoreFolder.Stop);
        }

        using var child = new ChildProcess(folder.Path, Path.Combine(beside.Path, "journal"));
        await child.WaitForLinesAsync(1);
        Refused(BrokerErrorCode.StoreLocked, backup, folder.Path, "in use");
        await child.KillAsync();
    }

    [Fact]
    public async Task A_damaged_backup_is_refused_and_nothing_is_left_behind()
    {
        using var folder = new StoreFolder();
        using var beside = new StoreFolder();
        var backup = Path.Combine(beside.Path, "backup");
        await using (var broker = await folder.OpenAsync())
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1 }, StoreFolder.Stop);
            await broker.AppendAsync(StoreFolder.Append("t", new string('x', 5000)), StoreFolder.Stop);
            await broker.BackupAsync(backup, StoreFolder.Stop);
        }

        var blob = Directory.GetFiles(Path.Combine(backup, "store"), "*.blob").Single();
        var bytes = await File.ReadAllBytesAsync(blob, StoreFolder.Stop);
        bytes[bytes.Length / 2] ^= 1;
        File.Delete(blob); // a link to the store's own file
        await File.WriteAllBytesAsync(blob, bytes, StoreFolder.Stop);
        var target = Path.Combine(beside.Path, "data", "store");
        Refused(BrokerErrorCode.StoreDamaged, backup, target, "damaged");
        Assert.False(Directory.Exists(target));
        await File.WriteAllTextAsync(Path.Combine(backup, "BACKUP.json"), "{", StoreFolder.Stop);
        Refused(BrokerErrorCode.StoreDamaged, backup, target, "cannot be read");
        await File.WriteAllTextAsync(Path.Combine(backup, "BACKUP.json"), """{"format":2,"store":1,"sequence":1,"takenAt":"2026-01-01T00:00:00Z","topics":0,"messages":0}""", StoreFolder.Stop);
        Refused(BrokerErrorCode.StoreNewer, backup, target, "format 2");
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(target)!));
    }

    [Fact]
    public async Task A_backup_that_does_not_fit_is_told_leaves_nothing_and_the_store_goes_on()
    {
        using var folder = new StoreFolder();
        using var small = new StoreFolder();
        await using var volume = await Volume.MountAsync(small.Path, "1m");
        Assert.SkipWhen(volume is null, "a small volume cannot be mounted here: 1 fault not injected");
        await using var broker = await folder.OpenAsync();
        await StoreFolder.CreateAsync(broker, "t");
        await broker.AppendAsync(StoreFolder.Append("t", Enumerable.Repeat(new string('x', 50_000), 60)), StoreFolder.Stop);
        Assert.Equal(BrokerErrorCode.DiskFull, (await Assert.ThrowsAsync<BrokerException>(() => broker.BackupAsync(Path.Combine(small.Path, "backup"), StoreFolder.Stop))).Code);
        Assert.Empty(Directory.GetFileSystemEntries(small.Path));
        await broker.AppendAsync(StoreFolder.Append("t", "goes on"), StoreFolder.Stop);
        Assert.Equal(61, (await StoreFolder.ReadAsync(broker, "t")).Count);
    }

    private static void Refused(BrokerErrorCode code, string backup, string target, string why)
    {
        var refused = Assert.Throws<BrokerException>(() => StoreRestore.Restore(backup, target, StoreFolder.Stop));
        Assert.Equal(code, refused.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private static Task<EmbeddedBroker> OpenAsync(string path) => EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = path }, StoreFolder.Stop);

    private static async Task<ISubscription> JoinAsync(EmbeddedBroker broker)
    {
        var member = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, StoreFolder.Stop);
        Assert.IsType<SubscriptionEvent.Assigned>(await member.ReceiveAsync(1, StoreFolder.Stop));
        return member;
    }
}
