using RocksDbSharp;
using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>
/// Finds the files of the commit log in which no batch is needed any more, so that they are written again or go; and when the log holds more in vain than
/// in use, moves what is used out of the emptiest files, into RocksDB. Which batches are in use, RocksDB's keys say: appends and removals count nothing.
/// One run at a time.
/// </summary>
internal sealed class LogSpace(BrokerCore core)
{
    /// <summary>What one step moves at most, so that appends do not wait long.</summary>
    private const int BatchesPerStep = 64;

    /// <summary>A look at all keys may take this part of the time.</summary>
    private const int Restraint = 50;

    private ulong _looked;
    private long _lookedAt;
    private TimeSpan _took;

    private TimeProvider Time => core.Options.Time;

    public async Task ReclaimAsync()
    {
        var (closed, newest) = await core.Change(() => (core.Store.LogFiles.Closed(), core.Store.LoggedSequence)).ConfigureAwait(false);
        if (closed.Count == 0 || newest == _looked || (_looked > 0 && Time.GetElapsedTime(_lookedAt) < _took * Restraint))
        {
            return;
        }

        var start = Time.GetTimestamp();
        var uses = await Task.Run(Uses).ConfigureAwait(false);
        (_looked, _lookedAt, _took) = (newest, Time.GetTimestamp(), Time.GetElapsedTime(start));
        if (uses is null)
        {
            Log.LogKept(core.Options.Logger, closed.Count);
            return;
        }

        // Not the newest change but the next: what was moved out of a file is in no change, and must be in RocksDB's files too.
        core.Store.LogFiles.Free(closed.Where(file => !uses.ContainsKey(file.File)), newest + 1);
        await EmptyAsync(Emptiest(closed, uses)).ConfigureAwait(false);
    }

    /// <summary>Moves every batch out of some files.</summary>
    public Task EmptyAsync(HashSet<int> files) => files.Count == 0 ? Task.CompletedTask : Task.Run(async () =>
    {
        foreach (var step in Find(files).Chunk(BatchesPerStep))
        {
            await core.Change(() => Move(step)).ConfigureAwait(false);
        }
    });

    private Dictionary<int, LogUse>? Uses()
    {
        using var lease = core.Store.Enter();
        return core.Store.Files.LogUse();
    }

    /// <summary>The files to be emptied, so that what is held in vain is no more than what is in use, or than the log may hold anyway.</summary>
    private HashSet<int> Emptiest(IReadOnlyList<CommitSegment> closed, Dictionary<int, LogUse> uses)
    {
        var files = core.Store.LogFiles;
        var used = closed.Where(file => uses.ContainsKey(file.File)).Select(file => (file.File, uses[file.File].Bytes)).OrderBy(file => file.Bytes).ToList();
        var vain = used.Sum(file => Math.Max(0, files.FileBytes - file.Bytes));
        var most = Math.Max(files.Bytes, used.Sum(file => file.Bytes));
        var emptiest = new HashSet<int>();
        foreach (var (file, bytes) in used.TakeWhile(_ => vain > most))
        {
            emptiest.Add(file);
            vain -= files.FileBytes - bytes;
        }

        return emptiest;
    }

    private List<(byte[] Key, LogPlace Place)> Find(HashSet<int> files)
    {
        var found = new List<(byte[], LogPlace)>();
        using var lease = core.Store.Enter();
        using var entries = core.Store.IterateKeys(core.Store.Batches);
        for (entries.SeekToFirst(); entries.Valid(); entries.Next())
        {
            if (LogPlace.TryRead(entries.GetValueSpan(), out var place) && files.Contains(place.File))
            {
                found.Add((entries.Key(), place));
            }
        }

        StoreErrors.Check(entries, "reading which batches are in the log");
        return found;
    }

    /// <summary>Writer's thread only. What cannot be read stays where it is, and readers are told.</summary>
    private bool Move((byte[] Key, LogPlace Place)[] batches)
    {
        using var change = new WriteBatch();
        foreach (var (key, place) in batches)
        {
            if (core.Store.Get(core.Store.Batches, key) is { } value && LogPlace.TryRead(value, out var now) && now == place && core.Store.GetBatch(key) is { } bytes)
            {
                change.Put(key, bytes, core.Store.Batches);
            }
        }

        core.Store.Rewrite(change);
        return true;
    }
}
