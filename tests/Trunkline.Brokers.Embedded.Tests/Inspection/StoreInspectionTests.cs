using RocksDbSharp;
using Trunkline.Brokers.Embedded.Inspection;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Tests.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Brokers.Embedded.Tests.Inspection;

/// <summary>Damage of each kind, planted in a closed store: what is found, what a repair keeps, and that the original stays as it was.</summary>
public class StoreInspectionTests
{
    private const int Messages = 60;

    /// <summary>Characters of a message: three of them make a batch that stands in a table, in a blob file, in the log.</summary>
    private const int Small = 150, Middle = 4_000, Large = 20_000;

    [Fact]
    public async Task A_whole_store_has_no_findings_and_its_copy_reads_the_same()
    {
        using var folder = await FilledAsync(flush: true);
        var report = StoreInspection.Inspect(folder.Path, StoreFolder.Stop);
        Assert.Empty(report.Findings);
        Assert.Equal((2, Messages + 3), (report.Topics, report.Messages));
        await AssertRepairKeepsAsync(folder, lost: []);
    }

    [Fact]
    public async Task A_store_whose_data_is_still_in_the_log_has_no_findings()
    {
        using var folder = await FilledAsync(flush: false);
        Assert.Empty(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings);
    }

    [Theory]
    [InlineData("*.blob", Middle)]
    [InlineData(LogFile.Pattern, Large)]
    public async Task A_flipped_bit_in_a_batch_loses_it_only(string pattern, int size)
    {
        using var folder = await FilledAsync(flush: true, size);
        Overwrite(folder, pattern, Text(31, size), 100);
        var finding = Assert.Single(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings);
        Assert.Equal((StoreFindingKind.OffsetsDamaged, "t", 0, 30L, 32L), (finding.Kind, finding.Topic, finding.Partition, finding.From, finding.To));
        await AssertRepairKeepsAsync(folder, lost: [30, 31, 32], size);
    }

    [Fact]
    public async Task A_flipped_bit_in_a_table_is_found_and_what_lies_behind_it_is_kept()
    {
        using var folder = await FilledAsync(flush: true, Small);
        Overwrite(folder, "*.sst", "31:", 1);
        var report = StoreInspection.Inspect(folder.Path, StoreFolder.Stop);
        Assert.NotEmpty(report.Findings);
        Assert.All(report.Findings, f => Assert.Equal((StoreFindingKind.OffsetsDamaged, "t"), (f.Kind, f.Topic)));
        var lost = report.Findings.SelectMany(f => Offsets(f)).ToArray();
        Assert.Contains(31L, lost);
        Assert.True(lost.Length < Messages);
        await AssertRepairKeepsAsync(folder, lost, Small);
    }

    [Fact]
    public async Task A_flipped_bit_in_the_log_loses_its_change_only_if_those_behind_it_only_add_messages()
    {
        using var folder = await FilledAsync(flush: false);
        Overwrite(folder, LogFile.Pattern, Text(31)[..100], 50);
        var report = StoreInspection.Inspect(folder.Path, StoreFolder.Stop);
        Assert.Equal([StoreFindingKind.FilesDamaged, StoreFindingKind.ChangesLost, StoreFindingKind.OffsetsMissing], report.Findings.Select(f => f.Kind));
        Assert.Contains("which held as far as it can be read: t/0 offsets 30 to 32. The 9 behind, which are whole, are taken", report.Findings[1].Detail, StringComparison.Ordinal);
        Assert.Equal(("t", 30L, 32L), (report.Findings[2].Topic, report.Findings[2].From, report.Findings[2].To));
        await AssertRepairKeepsAsync(folder, lost: [30, 31, 32]);
    }

    [Fact]
    public async Task Two_damaged_changes_of_the_log_lose_two()
    {
        using var folder = await FilledAsync(flush: false);
        Overwrite(folder, LogFile.Pattern, Text(31)[..100], 50);
        Overwrite(folder, LogFile.Pattern, Text(46)[..100], 50);
        var missing = StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings.Where(f => f.Kind == StoreFindingKind.OffsetsMissing);
        Assert.Equal([(30L, 32L), (45L, 47L)], missing.Select(f => (f.From!.Value, f.To!.Value)));
        await AssertRepairKeepsAsync(folder, lost: [30, 31, 32, 45, 46, 47]);
    }

    [Fact]
    public async Task What_goes_on_from_a_lost_change_is_left_out_unless_it_is_asked_for_and_then_named()
    {
        using var folder = await FilledAsync(flush: false, group: "g");
        Overwrite(folder, LogFile.Pattern, Text(31)[..100], 50);
        var report = StoreInspection.Inspect(folder.Path, StoreFolder.Stop);
        Assert.Contains("left out: they go on from it: group g in t/0, producer p in u/0, state s.", report.Findings[1].Detail, StringComparison.Ordinal);
        var cut = report.Findings.Single(f => f is { Kind: StoreFindingKind.AcknowledgedMissing, Topic: "t" });
        Assert.Equal((30L, Messages - 1L), (cut.From, cut.To));
        await AssertRepairKeepsAsync(folder, lost: [.. Offsets(cut)]);

        var target = folder.Path + "-past";
        var taken = StoreInspection.RepairInto(folder.Path, target, pastDamage: true, StoreFolder.Stop);
        Assert.Contains("taken as asked, though they go on from it: group g in t/0, producer p in u/0, state s.", taken.Findings[1].Detail, StringComparison.Ordinal);
        await using (var broker = await OpenAsync(target))
        {
            Assert.Equal(Messages - 3, (await StoreFolder.ReadAsync(broker, "t")).Count);
            Assert.Equal(40, Assert.Single(await broker.DescribeGroupsAsync("t", StoreFolder.Stop)).Partitions[0].Next);
        }

        Directory.Delete(target, recursive: true);
    }

    [Fact]
    public async Task A_log_cut_below_the_mark_is_told_by_offset()
    {
        using var folder = await FilledAsync(flush: false);
        var log = LogFile.Of(folder);
        var half = LogFile.Used(log) / 2;
        using (var file = log.OpenWrite())
        {
            file.SetLength(half);
        }

        var report = StoreInspection.Inspect(folder.Path, StoreFolder.Stop);
        var cut = report.Findings.Single(f => f is { Kind: StoreFindingKind.AcknowledgedMissing, Topic: "t" });
        Assert.Equal(Messages - 1L, cut.To);
        await AssertRepairKeepsAsync(folder, lost: [.. Offsets(cut)], others: false);
    }

    [Theory]
    [InlineData("*.blob", Middle)]
    [InlineData(LogFile.Pattern, Large)]
    public async Task A_missing_file_loses_what_was_in_it(string pattern, int size)
    {
        using var folder = await FilledAsync(flush: true, size);
        var gone = folder.Files(pattern).MaxBy(f => f.Length)!;
        gone.Delete();
        var report = StoreInspection.Inspect(folder.Path, StoreFolder.Stop);
        Assert.NotEmpty(report.Findings);
        await AssertRepairKeepsAsync(folder, [.. report.Findings.Where(f => f.Topic == "t").SelectMany(Offsets)], size, others: false);
    }

    [Theory]
    [InlineData("CURRENT", StoreFindingKind.FilesDamaged)]
    [InlineData("MANIFEST-*", StoreFindingKind.FilesDamaged)]
    public async Task A_store_nothing_names_the_files_of_is_refused_repair(string file, StoreFindingKind kind)
    {
        using var folder = await FilledAsync(flush: true);
        Array.ForEach(folder.Files(file), f => f.Delete());
        Assert.Equal(kind, Assert.Single(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings).Kind);
        var target = folder.Path + "-repaired";
        Assert.Equal(BrokerErrorCode.StoreDamaged, Assert.Throws<BrokerException>(() => StoreInspection.RepairInto(folder.Path, target, pastDamage: false, StoreFolder.Stop)).Code);
        Assert.False(Directory.Exists(target));
    }

    [Theory]
    [InlineData("trunkline-embedded-store 999\n")]
    [InlineData("what?\n")]
    [InlineData(null)]
    public async Task A_format_that_is_newer_or_not_told_is_found(string? text)
    {
        using var folder = await FilledAsync(flush: true);
        var path = Path.Combine(folder.Path, "FORMAT");
        File.Delete(path);
        if (text is not null)
        {
            await File.WriteAllTextAsync(path, text, StoreFolder.Stop);
        }

        Assert.Equal(StoreFindingKind.FormatUnknown, Assert.Single(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Marks_that_are_missing_or_damaged_are_found(bool missing)
    {
        using var folder = await FilledAsync(flush: true);
        foreach (var file in folder.Files("acknowledged.*"))
        {
            if (missing)
            {
                file.Delete();
            }
            else
            {
                await File.WriteAllTextAsync(file.FullName, "no mark", StoreFolder.Stop);
            }
        }

        Assert.Equal(StoreFindingKind.MarkUnreadable, Assert.Single(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings).Kind);
        await AssertRepairKeepsAsync(folder, lost: []);
    }

    [Fact]
    public async Task A_batch_that_is_gone_leaves_a_gap()
    {
        using var folder = await FilledAsync(flush: true);
        Change(folder, (store, change) => change.Delete(KeyOf(store, 30), store.Batches));
        var finding = Assert.Single(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings);
        Assert.Equal((StoreFindingKind.OffsetsMissing, 30L, 32L), (finding.Kind, finding.From, finding.To));
        await AssertRepairKeepsAsync(folder, lost: [30, 31, 32]);
    }

    [Fact]
    public async Task A_batch_altered_with_right_checksums_of_the_files_is_found_by_its_own()
    {
        using var folder = await FilledAsync(flush: true);
        Change(folder, (store, change) =>
        {
            var key = KeyOf(store, 30);
            var value = store.GetBatch(key)!;
            value[^5] ^= 4;
            change.Put(key, value, store.Batches);
        });
        var finding = Assert.Single(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings);
        Assert.Equal((StoreFindingKind.OffsetsDamaged, 30L, 32L), (finding.Kind, finding.From, finding.To));
        await AssertRepairKeepsAsync(folder, lost: [30, 31, 32]);
    }

    [Fact]
    public async Task A_group_beyond_the_end_is_found_and_set_back_in_the_copy()
    {
        using var folder = await FilledAsync(flush: true);
        Change(folder, (store, change) => change.Put(StoreKeys.Position(1, 0, "g"), ProgressCodec.Encode(Progress.At(Messages + 5)), store.Positions));
        var finding = Assert.Single(StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings);
        Assert.Equal((StoreFindingKind.PositionBeyondEnd, Messages, Messages + 4L), (finding.Kind, finding.From, finding.To));
        var target = folder.Path + "-repaired";
        StoreInspection.RepairInto(folder.Path, target, pastDamage: false, StoreFolder.Stop);
        await using (var broker = await OpenAsync(target))
        {
            Assert.Equal(Messages, Assert.Single(await broker.DescribeGroupsAsync("t", StoreFolder.Stop)).Partitions[0].Next);
        }

        Directory.Delete(target, recursive: true);
    }

    [Fact]
    public async Task Batches_beyond_the_end_and_entries_that_cannot_be_read_are_found()
    {
        using var folder = await FilledAsync(flush: true);
        Change(folder, (store, change) =>
        {
            change.Put(StoreKeys.Partition(1, 0), new Extent(0, 30, 100, 0).Encode(), store.Meta);
            change.Put(StoreKeys.Position(2, 0, "other"), "?"u8.ToArray(), store.Positions);
        });
        var kinds = StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings.Select(f => f.Kind).Distinct();
        Assert.Equal([StoreFindingKind.OffsetsContradict, StoreFindingKind.EntryUnreadable], kinds);
    }

    /// <summary>Repairs twice: both copies hold all but what is lost, open as whole stores, and the original is byte for byte as before.</summary>
    private static async Task AssertRepairKeepsAsync(StoreFolder folder, long[] lost, int size = Large, bool others = true)
    {
        var before = Bytes(folder);
        var reports = new List<StoreReport>();
        foreach (var target in new[] { folder.Path + "-a", folder.Path + "-b" })
        {
            reports.Add(StoreInspection.RepairInto(folder.Path, target, pastDamage: false, StoreFolder.Stop));
            Assert.Empty(StoreInspection.Inspect(target, StoreFolder.Stop).Findings);
            await using (var broker = await OpenAsync(target))
            {
                var expected = Enumerable.Range(0, Messages).Where(i => !lost.Contains(i)).Select(i => Text(i, size));
                Assert.Equal(expected, await StoreFolder.ReadAsync(broker, "t"));
                Assert.Equal(others ? 3 : -1, others ? (await StoreFolder.ReadAsync(broker, "u")).Count : -1);
                await broker.AppendAsync(StoreFolder.Append("t", "goes on"), StoreFolder.Stop);
            }

            Directory.Delete(target, recursive: true);
        }

        Assert.Equal(reports[0].Findings, reports[1].Findings);
        Assert.Equal(before, Bytes(folder));
        Assert.Equal(reports[0].Findings, StoreInspection.Inspect(folder.Path, StoreFolder.Stop).Findings);
    }

    private static Task<EmbeddedBroker> OpenAsync(string path) => EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = path }, StoreFolder.Stop);

    /// <summary>Large ones fill a batch by threes, so that idle upkeep merges none of them.</summary>
    private static string Text(int i, int size = Large) => $"{i}:{new string((char)('a' + (i % 26)), size)}";

    private static async Task<StoreFolder> FilledAsync(bool flush, int size = Large, string? group = null)
    {
        var folder = new StoreFolder();
        await using (var broker = await folder.OpenAsync())
        {
            await StoreFolder.CreateAsync(broker, "t");
            await StoreFolder.CreateAsync(broker, "u");
            await broker.AppendAsync(StoreFolder.Append("u", "one", "two", "three"), StoreFolder.Stop);
            for (var i = 0; i < Messages; i += 3)
            {
                await broker.AppendAsync(StoreFolder.Append("t", Enumerable.Range(i, 3).Select(n => Text(n, size))), StoreFolder.Stop);
            }

            if (group is not null)
            {
                await MoveAsync(broker, group);
            }
        }

        for (var i = 0; flush && i < 2; i++)
        {
            await (await folder.OpenAsync()).DisposeAsync();
        }

        return folder;
    }

    /// <summary>One unit that moves a group, writes state and goes on with a producer's sequence.</summary>
    private static async Task MoveAsync(EmbeddedBroker broker, string group)
    {
        await using var member = await broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = group }, StoreFolder.Stop);
        await member.ReceiveAsync(1, StoreFolder.Stop);
        await broker.CommitAsync(
            new CommitUnit
            {
                Fence = member.Fence,
                Positions = [new PositionUpdate("t", 0, Progress.At(40))],
                State = [new StateWrite("s", 0, "key"u8.ToArray(), "value"u8.ToArray())],
                Appends = [StoreFolder.Append("u", "four") with { Partition = 0, Dedupe = DedupeMode.BySequence, Sequence = new ProducerSequence("p", 0, 0) }],
            },
            StoreFolder.Stop);
    }

    private static IEnumerable<long> Offsets(StoreFinding finding)
    {
        for (var offset = finding.From!.Value; offset <= finding.To; offset++)
        {
            yield return offset;
        }
    }

    private static void Overwrite(StoreFolder folder, string pattern, string text, int into)
    {
        var needle = System.Text.Encoding.ASCII.GetBytes(text);
        foreach (var file in folder.Files(pattern))
        {
            var bytes = File.ReadAllBytes(file.FullName);
            if (bytes.AsSpan().IndexOf(needle) is >= 0 and var at)
            {
                bytes[at + into] ^= 1;
                File.WriteAllBytes(file.FullName, bytes);
                return;
            }
        }

        Assert.Fail($"No file {pattern} holds the text.");
    }

    private static void Change(StoreFolder folder, Action<Store, WriteBatch> change)
    {
        using var store = Store.Open(folder.Path, StoreMemory.Default);
        using var batch = new WriteBatch();
        change(store, batch);
        store.Write(batch, sync: true);
    }

    private static byte[] KeyOf(Store store, long offset)
    {
        using var keys = store.IterateKeys(store.Batches);
        keys.Seek(StoreKeys.BatchesFrom(1, 0, offset));
        return keys.Key();
    }

    private static Dictionary<string, string> Bytes(StoreFolder folder) => folder.Files("*").ToDictionary(
        f => f.Name, f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f.FullName))));
}
