using RocksDbSharp;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>How RocksDB is set up, and why. Measured figures: docs/adr/0010-embedded-store.md.</summary>
internal static class StoreOptions
{
    private const ulong MiB = 1024 * 1024;
    private const ulong BlobFileBytes = 64 * MiB;
    private const ulong BlobBytesMin = 2048;

    public static DbOptions Database()
    {
        var options = new DbOptions()
            .SetCreateIfMissing(true)
            .SetCreateMissingColumnFamilies(true)
            // Of a store of format 1, whose log was RocksDB's: the default mode drops everything after one flipped bit, silently.
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords)
            .SetParanoidChecks(true)
            .SetBytesPerSync(MiB)
            .SetMaxLogFileSize(4 * MiB)
            .SetKeepLogFileNum(4)
            .SetInfoLogLevel(InfoLogLevel.Warn);
        // The log is ours: families go into files together, so that one number says for all of them how far; and a stop leaves the rest to the log.
        Native.Instance.rocksdb_options_set_atomic_flush(options.Handle, 1);
        Native.Instance.rocksdb_options_set_avoid_flush_during_shutdown(options.Handle, 1);
        // After a failed write nothing is resumed behind our back: the node is told, and reopens.
        Native.Instance.rocksdb_options_set_max_bgerror_resume_count(options.Handle, 0);
        Native.Instance.rocksdb_options_set_max_background_jobs(options.Handle, 2);
        Native.Instance.rocksdb_options_set_stats_dump_period_sec(options.Handle, 0);
        Native.Instance.rocksdb_options_set_stats_persist_period_sec(options.Handle, 0);
        return options;
    }

    /// <summary>
    /// Batches go to blob files, so that compaction moves keys only. RocksDB's own blob collection stays off: it rewrites live
    /// data by age; <see cref="Upkeep.Reclaimer"/> asks for it when at least half is garbage.
    /// </summary>
    public static ColumnFamilyOptions Batches(StoreMemory memory, Cache blocks)
    {
        var options = new ColumnFamilyOptions()
            .SetWriteBufferSize(memory.BatchTable)
            .SetMaxWriteBufferNumber(4)
            .SetCompression(Compression.No)
            .SetBlockBasedTableFactory(new BlockBasedTableOptions().SetBlockCache(blocks));
        Native.Instance.rocksdb_options_set_enable_blob_files(options.Handle, 1);
        Native.Instance.rocksdb_options_set_min_blob_size(options.Handle, BlobBytesMin);
        Native.Instance.rocksdb_options_set_blob_file_size(options.Handle, BlobFileBytes);
        Native.Instance.rocksdb_options_set_blob_compression_type(options.Handle, (int)Compression.No);
        Native.Instance.rocksdb_options_set_enable_blob_gc(options.Handle, 0);
        return options;
    }

    /// <summary>Positions, dedupe entries, state, meta: looked up by key.</summary>
    public static ColumnFamilyOptions Small(StoreMemory memory, Cache blocks)
    {
        var options = new ColumnFamilyOptions()
            .SetWriteBufferSize(memory.SmallTable)
            .SetCompression(Compression.No)
            .SetMaxWriteBufferNumber(4)
            .SetMemtablePrefixBloomSizeRatio(0.02)
            .SetBlockBasedTableFactory(new BlockBasedTableOptions().SetFilterPolicy(BloomFilterPolicy.Create(10, false)).SetWholeKeyFiltering(true).SetBlockCache(blocks));
        Native.Instance.rocksdb_options_set_memtable_whole_key_filtering(options.Handle, 1);
        return options;
    }
}
