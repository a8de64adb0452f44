using System.Globalization;
using System.Text;
using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

/// <summary>The commit log by itself: what a replay gives after stops, power losses and damage, with files small enough to be written again and again.</summary>
public sealed class CommitLogTests : IDisposable
{
    private const long Bytes = 8 * 16 * CommitRecord.PageSize;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("TRUNKLINE_SEED"), out var seed) ? seed : 7;
    private readonly StoreFolder _folder = new();
    private readonly Dictionary<string, byte[]> _synced = [];
    private readonly Dictionary<ulong, ulong> _durableBefore = [];
    private ulong _flushed;
    private int _asked;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Changes_come_back_in_order_from_behind_those_in_files()
    {
        using (var log = Open())
        {
            for (var i = 1; i <= 40; i++)
            {
                log.Append([], Change(i), sync: true);
            }
        }

        Assert.Equal(Enumerable.Range(1, 40), Replayed(0, out _));
        Assert.Equal(Enumerable.Range(31, 10), Replayed(30, out _));
        Assert.Empty(Replayed(40, out _));
    }

    [Fact]
    public void A_file_is_written_again_once_all_in_it_is_flushed_and_a_flush_is_asked_for_when_it_never_is()
    {
        using var log = Open();
        for (var i = 1; i <= 2_000; i++)
        {
            log.Append([], Change(i), sync: i % 3 == 0);
            _flushed = (ulong)Math.Max(0, i - 20);
        }

        Assert.InRange(_folder.Files(LogFile.Pattern).Length, 2, 12);
        Assert.Equal(0, _asked);
        Assert.Equal(Enumerable.Range(1981, 20), Replayed(_flushed, out _));
        for (var i = 2_001; i <= 2_200; i++)
        {
            log.Append([], Change(i), sync: true);
        }

        Assert.True(_asked > 0);
        Assert.Equal(Enumerable.Range(1981, 220), Replayed(_flushed, out _));
    }

    [Fact]
    public void What_is_deleted_is_what_ended_before_a_change()
    {
        var files = Files();
        using var log = new CommitLog(files, 0);
        log.Append([], Change(1), sync: true);
        Assert.Equal(1ul, log.BeginFile());
        log.Append([], Change(2), sync: true);
        files.Delete(0);
        Assert.Equal(2, _folder.Files(LogFile.Pattern).Length);
        files.Delete(1);
        Assert.Single(_folder.Files(LogFile.Pattern));
        Assert.Equal([2], Replayed(1, out _));
    }

    [Fact]
    public void A_batch_is_found_at_its_place_as_long_as_its_file_is_not_written_again()
    {
        var files = Files();
        using var log = new CommitLog(files, 0);
        var places = Enumerable.Range(1, 8).Select(i => Append(log, i)).ToArray();
        Assert.Equal(Enumerable.Range(1, 8).Select(Batch), places.Select(place => files.Read(place, Batch(1).Length)!));
        Assert.Null(files.Read(places[0], 1 << 20));
        Assert.Null(files.Read(places[0] with { File = 99 }, 1));

        // All is flushed, yet the batches are in no other place: nothing is written again before it is said that they are not needed.
        _flushed = log.Last;
        for (var i = 0; i < 100; i++)
        {
            Append(log, 9);
            _flushed = log.Last;
        }

        Assert.Equal(Batch(1), files.Read(places[0], Batch(1).Length));
        var closed = files.Closed();
        files.Free(closed, since: log.Last + 1);
        Assert.Equal(Batch(1), files.Read(places[0], Batch(1).Length));

        // Not the newest change then, but the next must be in RocksDB's files.
        var before = _folder.Files(LogFile.Pattern).Length;
        _flushed = log.Last + 1;
        for (var i = 0; i < 100; i++)
        {
            Append(log, 10);
        }

        Assert.Equal(before, _folder.Files(LogFile.Pattern).Length);
        Assert.Null(files.Read(places[0], Batch(1).Length));
    }

    [Fact]
    public void A_file_that_a_backup_has_a_link_to_is_not_written_again_but_goes_when_it_is_free()
    {
        var files = Files();
        using var log = new CommitLog(files, 0);
        using var backup = new StoreFolder();
        var place = Append(log, 1);
        log.BeginFile();
        files.LinkInto(backup.Path);
        var linked = Assert.Single(backup.Files(LogFile.Pattern));
        Append(log, 2);
        _flushed = 3;
        files.Free(files.Closed(), since: 2);
        Assert.DoesNotContain(linked.Name, _folder.Files(LogFile.Pattern).Select(file => file.Name));
        Assert.Null(files.Read(place, Batch(1).Length));
        using var kept = CommitSegment.Open(linked.FullName);
        var bytes = new byte[Batch(1).Length];
        Assert.Equal(bytes.Length, kept.Read(bytes, place.At));
        Assert.Equal(Batch(1), bytes);
    }

    [Fact]
    public void A_missing_file_and_a_page_of_zeros_are_damage_and_what_was_never_synced_is_not()
    {
        using (var log = Open())
        {
            for (var i = 1; i <= 40; i++)
            {
                log.Append([], Change(i), sync: true);
            }
        }

        var first = _folder.Files(LogFile.Pattern)[0];
        using (var copy = _folder.Copy())
        {
            File.Delete(Path.Combine(copy.Path, first.Name));
            Assert.Empty(Replayed(0, out var damage, copy));
            Assert.Contains("a file that is missing: changes 1 to", damage, StringComparison.Ordinal);
        }

        using (var file = first.OpenWrite())
        {
            file.Position = 2 * CommitRecord.PageSize;
            file.Write(new byte[CommitRecord.PageSize]);
        }

        Assert.Equal([1, 2], Replayed(0, out var told));
        Assert.Contains($"{first.Name} at byte 8192: changes 3 to", told, StringComparison.Ordinal);
    }

    /// <summary>
    /// Of every page written since the last sync the power may leave the old one or the new one. What was synced must come back, what follows may up to
    /// any change, and nothing may look like damage. Then a bit of a page is flipped: never a wrong change, and a loss is told or is at the very end.
    /// </summary>
    [Fact]
    public void After_a_power_loss_or_a_flipped_bit_what_was_durable_comes_back_or_its_loss_is_told()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 150; round++)
        {
            Array.ForEach(_folder.Files(LogFile.Pattern), f => f.Delete());
            _synced.Clear();
            _flushed = 0;
            var (last, durable) = Write(random);
            LosePower(random);
            var read = Replayed(_flushed, out var damage);
            Assert.True(damage is null, $"seed {Seed}, round {round}: {damage}");
            Assert.Equal(Enumerable.Range((int)_flushed + 1, read.Count), read);
            Assert.InRange(_flushed + (ulong)read.Count, durable, last);
            // The last record that is left says what was durable when it was written; what was synced after that, only the mark of what was acknowledged can tell.
            var evidence = _durableBefore.GetValueOrDefault(_flushed + (ulong)read.Count);
            FlipBit(random);
            var left = Replayed(_flushed, out damage);
            Assert.Equal(read.Take(left.Count), left);
            Assert.True(left.Count == read.Count || damage is not null || _flushed + (ulong)left.Count >= evidence, $"seed {Seed}, round {round}: {left.Count} of {read.Count}");
        }
    }

    private (ulong Last, ulong Durable) Write(Random random)
    {
        using var log = Open();
        for (var i = random.Next(1, 400); i > 0; i--)
        {
            var before = log.Durable;
            _durableBefore[log.Last + 1] = before;
            log.Append([], Change((int)log.Last + 1, random.Next(12_000)), sync: random.Next(4) == 0);
            if (log.Durable > before)
            {
                // Rolling into a new file syncs the old one only: what counts as synced is what the log says.
                Remember();
                _flushed = Math.Max(_flushed, log.Durable - Math.Min(log.Durable, (ulong)random.Next(60)));
            }
        }

        return (log.Last, log.Durable);
    }

    /// <summary>The files as a sync leaves them; a file that is being rolled into has nothing that counts yet.</summary>
    private void Remember()
    {
        foreach (var file in _folder.Files(LogFile.Pattern))
        {
            _synced[file.Name] = Read(file);
        }
    }

    private void LosePower(Random random)
    {
        foreach (var file in _folder.Files(LogFile.Pattern))
        {
            var (old, now) = (_synced.GetValueOrDefault(file.Name, []), Read(file));
            for (var page = 0; page < now.Length; page += CommitRecord.PageSize)
            {
                if (random.Next(2) == 0)
                {
                    var target = now.AsSpan(page, Math.Min(CommitRecord.PageSize, now.Length - page));
                    target.Clear();
                    old.AsSpan(Math.Min(page, old.Length), Math.Clamp(old.Length - page, 0, target.Length)).CopyTo(target);
                }
            }

            File.WriteAllBytes(file.FullName, now);
        }
    }

    private void FlipBit(Random random)
    {
        var files = _folder.Files(LogFile.Pattern);
        var file = files[random.Next(files.Length)];
        var bytes = Read(file);
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        File.WriteAllBytes(file.FullName, bytes);
    }

    private static byte[] Read(FileInfo file)
    {
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private CommitLog Open() => new(Files(), 0);

    private LogFiles Files() => new(_folder.Path, Bytes, [], () => _flushed, () => _asked++);

    private List<int> Replayed(ulong flushed, out string? damage, StoreFolder? folder = null)
    {
        var numbers = new List<int>();
        (_, damage) = CommitReplay.Run((folder ?? _folder).Path, flushed, change =>
        {
            var text = Encoding.ASCII.GetString(change);
            numbers.Add(int.Parse(text.AsSpan(0, text.IndexOf(':', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
            Assert.Equal(new string('x', text.Length - text.IndexOf(':', StringComparison.Ordinal) - 1), text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        });
        return numbers;
    }

    private static LogPlace Append(CommitLog log, int number)
    {
        var place = log.Next(Batch(number).Length + 1_000);
        log.Append([new LargeBatch([], Batch(number))], Change(number), sync: true);
        return place;
    }

    private static byte[] Batch(int number) => [.. Enumerable.Repeat((byte)number, 20_000)];

    private static byte[] Change(int number, int size = 100) => Encoding.ASCII.GetBytes($"{number}:{new string('x', size)}");
}
