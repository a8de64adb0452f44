using System.Globalization;
using Trunkline.Brokers.Embedded.Tests.Crashes;
using Trunkline.Brokers.Embedded.Tests.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Damage;

/// <summary>Files that are too many, empty, elsewhere, or newer than others.</summary>
public class FileTests
{
    private const int Settled = 4;
    private const int Last = 3;

    [Fact]
    public async Task A_file_doubled_under_a_plausible_name_or_emptied_is_told_or_harmless()
    {
        using var store = await GroupedStore.MarkedAsync(Settled, Last, 3000);
        foreach (var file in store.Files.Where(f => f is { Length: > 0, Extension: ".log" or ".sst" or ".blob" } || f.Name.StartsWith("MANIFEST", StringComparison.Ordinal)))
        {
            using (var doubled = store.Copy())
            {
                file.CopyTo(Path.Combine(doubled.Path, Renumbered(file)));
                await store.IsWholeAsync(doubled, Settled + Last);
            }

            using var emptied = store.Copy();
            await File.WriteAllBytesAsync(Path.Combine(emptied.Path, file.Name), [], StoreFolder.Stop);
            Assert.False(await store.IsWholeAsync(emptied, Settled + Last), file.Name);
        }
    }

    [Fact]
    public async Task A_copy_taken_file_by_file_while_the_store_is_written_is_a_whole_start_or_told()
    {
        using var folder = new StoreFolder();
        await using var broker = await folder.OpenAsync();
        await StoreFolder.CreateAsync(broker, "t");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(StoreFolder.Stop);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !end.IsCancellationRequested; i++)
            {
                await broker.AppendAsync(StoreFolder.Append("t", GroupedStore.Text(i, 800)), StoreFolder.Stop);
            }
        }, StoreFolder.Stop);
        var whole = 0;
        for (var i = 0; i < 8; i++)
        {
            await broker.WaitAsync("t", 0, (i + 1) * 50, StoreFolder.Stop);
            using var copy = folder.Copy();
            try
            {
                await using var opened = await copy.OpenAsync();
                var read = await StoreFolder.ReadAsync(opened, "t");
                Assert.Equal(Enumerable.Range(0, read.Count).Select(n => GroupedStore.Text(n, 800)), read);
                whole++;
            }
            catch (BrokerException told) when (told.Code == BrokerErrorCode.StoreDamaged)
            {
                // The mark was copied after the log: what it names is not in this copy.
            }
        }

        await end.CancelAsync();
        await writing;
        TestContext.Current.TestOutputHelper?.WriteLine($"{whole} of 8 copies opened");
    }

    [Fact]
    public async Task A_linked_folder_and_a_long_path_work_and_a_folder_that_cannot_be_written_is_told()
    {
        using var folder = new StoreFolder();
        var deep = Directory.CreateDirectory(Path.Combine(folder.Path, string.Join('/', Enumerable.Repeat(new string('d', 200), 10)))).FullName;
        var link = Path.Combine(folder.Path, "link");
        Directory.CreateSymbolicLink(link, deep);
        var around = Path.Combine(folder.Path, "around");
        Directory.CreateSymbolicLink(around, "../" + Path.GetFileName(folder.Path));
        await using (var broker = await OpenAsync(link))
        {
            await StoreFolder.CreateAsync(broker, "t");
            Assert.Equal(BrokerErrorCode.StoreLocked, await CodeAsync(link));

            // The same process by another way: the system's lock would let it.
            Assert.Equal(BrokerErrorCode.StoreLocked, await CodeAsync(deep));
            Assert.Equal(BrokerErrorCode.StoreLocked, await CodeAsync(Path.Combine(around, Path.GetRelativePath(folder.Path, deep))));
            await broker.AppendAsync(StoreFolder.Append("t", "still here"), StoreFolder.Stop);
        }

        await using (var broker = await OpenAsync(deep))
        {
            Assert.Equal("t", Assert.Single(await broker.ListTopicsAsync(StoreFolder.Stop)).Settings.Name);
        }

        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "no folder", StoreFolder.Stop);
        Assert.Equal(BrokerErrorCode.StoreFailed, await CodeAsync(file));
        Assert.Equal(BrokerErrorCode.StoreFailed, await CodeAsync(Path.Combine(folder.Path, new string('x', 300))));
        Assert.Equal(BrokerErrorCode.StoreFailed, await CodeAsync("/proc/none/store"));
    }

    [Fact]
    public async Task A_volume_that_became_read_only_is_told_and_the_store_is_whole_once_it_can_be_written()
    {
        using var folder = new StoreFolder();
        await using var volume = await Volume.MountAsync(folder.Path, "64m");
        Assert.SkipWhen(volume is null, "a volume cannot be mounted here: 1 fault not injected");
        await using (var broker = await folder.OpenAsync(o => o with { FreeBytesMin = 0 }))
        {
            await StoreFolder.CreateAsync(broker, "t");
            await broker.AppendAsync(StoreFolder.Append("t", "one"), StoreFolder.Stop);
        }

        await volume.RemountAsync("ro");
        Assert.Equal(BrokerErrorCode.StoreFailed, await CodeAsync(folder.Path));
        await volume.RemountAsync("rw");
        await using var again = await folder.OpenAsync();
        Assert.Equal(["one"], await StoreFolder.ReadAsync(again, "t"));
    }

    private static Task<EmbeddedBroker> OpenAsync(string path) => EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = path }, StoreFolder.Stop);

    private static async Task<BrokerErrorCode> CodeAsync(string path) => (await Assert.ThrowsAsync<BrokerException>(() => OpenAsync(path))).Code;

    /// <summary>A name that could have been given: the same kind, a number above all others.</summary>
    private static string Renumbered(FileInfo file) => file.Name.StartsWith("commits-", StringComparison.Ordinal) ? "commits-0900.log" : file.Extension.Length > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{int.Parse(Path.GetFileNameWithoutExtension(file.Name), CultureInfo.InvariantCulture) + 900:D6}{file.Extension}")
        : "MANIFEST-000999";
}
