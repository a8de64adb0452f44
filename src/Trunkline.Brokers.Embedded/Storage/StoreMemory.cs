namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>How the memory of a store is shared out.</summary>
/// <param name="Bytes">All of it, about.</param>
internal readonly record struct StoreMemory(long Bytes)
{
    private const long Least = 16L * 1024 * 1024;
    private const long SmallTableMax = 8L * 1024 * 1024;

    /// <summary>What a store has unless it is said.</summary>
    public static StoreMemory Default { get; } = new(512L * 1024 * 1024);

    /// <summary>All of it, about; less than the least is the least.</summary>
    public long Bytes { get; } = Math.Max(Least, Bytes);

    /// <summary>The newest batches, for readers at the end of the log.</summary>
    public long Tail => Bytes / 8;

    /// <summary>Blocks of files that were read.</summary>
    public ulong Blocks => (ulong)Bytes / 8;

    /// <summary>One table of batches that are in no file yet; there may be four.</summary>
    public ulong BatchTable => (ulong)Bytes / 8;

    /// <summary>One table of a small family; there may be four.</summary>
    public ulong SmallTable => (ulong)Math.Min(SmallTableMax, Bytes / 64);

    /// <summary>The log, on disk: what a start reads again.</summary>
    public ulong Log => (ulong)Bytes / 2;
}
