using RocksDbSharp;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>Brings what is in the commit log and in no file of RocksDB into the store, and leaves an empty log.</summary>
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
            throw new BrokerException(BrokerErrorCode.StoreDamaged, $"Stored data is damaged: {damage}");
        }

        if (damage is not null && salvage == LogSalvage.PastDamage)
        {
            last = CommitReplay.RunPast(directory, last, change => Apply(db, change, unlogged)).Last;
        }

        if (last > from)
        {
            files.Flush();
        }

        CommitSegment.DeleteAll(directory);
        return last;
    }

    private static void Apply(RocksDb db, ReadOnlySpan<byte> change, WriteOptions unlogged)
    {
        using var batch = new WriteBatch(change.ToArray());
        db.Write(batch, unlogged);
    }
}
