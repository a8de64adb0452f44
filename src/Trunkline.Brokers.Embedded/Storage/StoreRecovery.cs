using RocksDbSharp;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>Brings what is in the commit log and in no file of RocksDB into the store, and leaves of the log what holds batches.</summary>
internal static class StoreRecovery
{
    /// <param name="db">The store.</param>
    /// <param name="files">Its files.</param>
    /// <param name="directory">Where the log is.</param>
    /// <param name="salvage">What is taken of a damaged log; the rest is thrown away.</param>
    /// <returns>The number of the newest change.</returns>
    /// <exception cref="BrokerException">The log is damaged.</exception>
    public static ulong Run(RocksDb db, StoreFiles files, string directory, LogSalvage salvage)
    {
        var from = files.Newest();
        var unlogged = new WriteOptions().SetSync(false).DisableWal(1);
        var (last, damage) = CommitReplay.Run(directory, from, change => Apply(db, change, unlogged));
        if (damage is not null && salvage == LogSalvage.None)
        {
            throw Damaged(damage);
        }

        if (damage is not null && salvage == LogSalvage.PastDamage)
        {
            last = CommitReplay.RunPast(directory, last, change => Apply(db, change, unlogged)).Last;
        }

        if (last > from)
        {
            files.Flush();
        }

        return last;
    }

    /// <summary>The files of the log that hold batches; the others are deleted. If it cannot be told which do, all are kept: readers will tell what is damaged.</summary>
    /// <param name="files">The store's files, with all that is in the log.</param>
    /// <param name="directory">Where the log is.</param>
    /// <param name="salvage">Whether to do without files that are missing.</param>
    /// <exception cref="BrokerException">A file is missing or too short.</exception>
    public static List<CommitSegment> Keep(StoreFiles files, string directory, LogSalvage salvage)
    {
        var uses = files.LogUse();
        var kept = new List<CommitSegment>();
        foreach (var path in CommitSegment.Paths(directory))
        {
            if (uses?.ContainsKey(CommitSegment.NumberOf(path)) ?? true)
            {
                kept.Add(CommitSegment.Open(path));
            }
            else
            {
                File.Delete(path);
            }
        }

        DurableFiles.SyncFolder(directory);
        foreach (var (file, use) in salvage == LogSalvage.None && uses is not null ? uses : [])
        {
            if (!kept.Exists(one => one.File == file && one.Length >= use.End))
            {
                kept.ForEach(one => one.Dispose());
                throw Damaged($"{CommitSegment.NameOf(file)} is missing or too short: it holds {use.Batches} batches. Restore a backup, or have 'trunkline doctor' tell what is left.");
            }
        }

        return kept;
    }

    private static BrokerException Damaged(string what) => new(BrokerErrorCode.StoreDamaged, $"Stored data is damaged: {what}");

    private static void Apply(RocksDb db, ReadOnlySpan<byte> change, WriteOptions unlogged)
    {
        using var batch = new WriteBatch(change.ToArray());
        db.Write(batch, unlogged);
    }
}
