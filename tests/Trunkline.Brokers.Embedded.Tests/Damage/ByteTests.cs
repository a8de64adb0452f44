using System.Text;
using Trunkline.Brokers.Embedded.Inspection;
using Trunkline.Brokers.Embedded.Tests.Storage;

namespace Trunkline.Brokers.Embedded.Tests.Damage;

/// <summary>
/// Bytes of a store altered in ways that plain sums do not see. Everything was acknowledged, so there are two right outcomes: all of
/// it is read, or damage is reported.
/// </summary>
public class ByteTests
{
    private const int Settled = 4;
    private const int Last = 4;

    /// <summary>Large enough for blob files.</summary>
    private const int Size = 3000;

    private enum Place
    {
        Log,
        Stored,
    }

    [Fact]
    [Trait("speed", "slow")]
    public async Task A_bit_flipped_in_any_byte_of_any_file_is_told_or_harmless()
    {
        using var store = await GroupedStore.MarkedAsync(Settled, 1, 100);
        // The same number in each file, since the largest ones say the least: settings and padding.
        var files = store.Files.Where(f => f.Length > 0 && !f.Name.StartsWith("LOG", StringComparison.Ordinal)).ToArray();
        foreach (var file in files)
        {
            var (told, harmless) = (0, 0);
            foreach (var at in Sample.Of(0, LogFile.Used(file), 1 + (500 / files.Length)))
            {
                using var copy = store.Copy();
                Alter(copy, file.Name, bytes => bytes[at] ^= (byte)(1 << (int)(at % 8)));
                _ = await store.IsWholeAsync(copy, Settled + 1) ? harmless++ : told++;
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{file.Name}: {told} told, {harmless} without effect");
            Assert.True(told > 0 || file.Extension is not (".log" or ".sst" or ".blob"), file.Name);
        }
    }

    [Fact]
    public async Task Words_swapped_and_bits_flipped_twice_are_told()
    {
        using var store = await GroupedStore.MarkedAsync(Settled, Last, Size);
        foreach (var (name, at) in new[] { Find(store, Place.Log), Find(store, Place.Stored) })
        {
            foreach (var alter in new Action<byte[]>[]
            {
                bytes => { for (var i = 0; i < 8; i++) { (bytes[at + i], bytes[at + 16 + i]) = (bytes[at + 16 + i], bytes[at + i]); } },
                bytes => { bytes[at] ^= 4; bytes[at + 8] ^= 4; },
            })
            {
                using var copy = store.Copy();
                Alter(copy, name, alter);
                Assert.False(await store.IsWholeAsync(copy, Settled + Last));
            }
        }
    }

    [Fact]
    public async Task A_sector_of_zeros_loses_only_what_it_touches_when_repaired()
    {
        using var store = await GroupedStore.MarkedAsync(Settled, Last, Size);
        var (name, at) = Find(store, Place.Stored);
        using var copy = store.Copy();
        Alter(copy, name, bytes => Array.Clear(bytes, at / 512 * 512, 512));
        Assert.False(await store.IsWholeAsync(copy, Settled + Last));
        var target = copy.Path + "-repaired";
        try
        {
            var findings = StoreInspection.RepairInto(copy.Path, target, pastDamage: false, StoreFolder.Stop).Findings;
            var lost = findings.Sum(f => f.To!.Value - f.From!.Value + 1);
            Assert.InRange(lost, 1, 2);
            await using var repaired = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = target }, StoreFolder.Stop);
            var kept = 0;
            foreach (var topic in new[] { "a", "b", "c" })
            {
                kept += (await StoreFolder.ReadAsync(repaired, topic)).Count;
            }

            Assert.Equal((3 * (Settled + Last)) - lost, kept);
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }

    [Fact]
    public async Task A_page_of_zeros_of_an_earlier_time_or_of_another_file_is_told_or_harmless()
    {
        using var store = await GroupedStore.MarkedAsync(Settled, 12, Size);
        var other = store.Files.Single(f => f.Name.StartsWith("MANIFEST", StringComparison.Ordinal));
        foreach (var name in new[] { store.LogName, Find(store, Place.Stored).File })
        {
            var length = LogFile.Used(store.Files.Single(f => f.Name == name));
            foreach (var page in Sample.Of(0, length / 4096, 6).Select(page => (int)page * 4096))
            {
                // The log as it was after half of its groups is an earlier version of its pages.
                var earlier = name == store.LogName ? store.Log[..(int)store.Ends[6]] : [];
                foreach (var bytes in new[] { [], earlier, await File.ReadAllBytesAsync(other.FullName, StoreFolder.Stop) })
                {
                    using var copy = store.Copy();
                    Alter(copy, name, target => Replace(target, page, bytes));
                    await store.IsWholeAsync(copy, Settled + 12);
                }
            }
        }
    }

    [Fact]
    public async Task A_group_copied_over_another_or_behind_the_end_is_told_or_harmless()
    {
        using var store = await GroupedStore.MarkedAsync(Settled, Last, 400);
        var groups = store.Ends.Zip(store.Ends.Skip(1), (from, until) => store.Log[(int)from..(int)until]).ToArray();
        Assert.Equal(groups[0].Length, groups[1].Length);
        var over = store.Log.ToArray();
        groups[0].CopyTo(over, store.Ends[1]);
        using (var copy = store.WithLog(over))
        {
            Assert.False(await store.IsWholeAsync(copy, Settled + Last));
        }

        foreach (var tail in new[] { groups[0], groups[^1], store.Log[..1000], store.Log })
        {
            using var copy = store.WithLog([.. store.Log[..(int)store.Ends[^1]], .. tail]);
            await store.IsWholeAsync(copy, Settled + Last);
        }
    }

    /// <summary>A file and a place in the middle of a payload of it.</summary>
    private static (string File, int At) Find(GroupedStore store, Place place)
    {
        var text = Encoding.ASCII.GetBytes(GroupedStore.Text(place == Place.Log ? Settled + 1 : 1, Size));
        foreach (var file in store.Files.Where(f => f.Extension == (place == Place.Log ? ".log" : ".blob")))
        {
            if (File.ReadAllBytes(file.FullName).AsSpan().IndexOf(text) is >= 0 and var at)
            {
                return (file.Name, at + 800);
            }
        }

        throw new InvalidOperationException($"No file holds the payload of {place}.");
    }

    /// <summary>Puts the page of other bytes in place; zeros where these have none.</summary>
    private static void Replace(byte[] target, int page, byte[] other)
    {
        Array.Clear(target, page, 4096);
        other.AsSpan(Math.Min(page, other.Length), Math.Clamp(other.Length - page, 0, 4096)).CopyTo(target.AsSpan(page));
    }

    private static void Alter(StoreFolder folder, string file, Action<byte[]> alter)
    {
        var path = Path.Combine(folder.Path, file);
        var bytes = File.ReadAllBytes(path);
        alter(bytes);
        File.WriteAllBytes(path, bytes);
    }
}
