using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded.Upkeep;

/// <summary>
/// Gives the disk back what was removed. Keys are few, so compacting them is cheap, and blob files in which nothing lives go
/// with it. Files of mixed topics keep what lives; when half of all blob bytes is garbage the rest is moved out once, so that
/// what is written again never exceeds what was freed.
/// </summary>
internal sealed class Reclaimer(Store store)
{
    private const long WorthwhileBytes = 64L * 1024 * 1024;
    private long _removed;

    /// <summary>Called after a removal; runs on the caller's thread.</summary>
    public void Removed(long bytes)
    {
        if (Interlocked.Add(ref _removed, bytes) < WorthwhileBytes)
        {
            return;
        }

        Interlocked.Exchange(ref _removed, 0);
        using var lease = store.Enter();
        store.Files.Compact(collect: false);
        var garbage = store.Files.BatchesProperty("rocksdb.live-blob-file-garbage-size");
        if (garbage >= WorthwhileBytes && garbage * 2 >= store.Files.BatchesProperty("rocksdb.live-blob-file-size"))
        {
            store.Files.Compact(collect: true);
        }
    }
}
