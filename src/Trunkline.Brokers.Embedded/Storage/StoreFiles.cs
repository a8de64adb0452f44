using System.Buffers.Binary;
using System.Globalization;
using RocksDbSharp;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// What RocksDB has in files, and what is done to them. All families are written into files as of the same change, so that the number of the last one
/// says for all of them what the log is no longer needed for. Any thread.
/// </summary>
internal sealed class StoreFiles
{
    private const int PersistedTier = 2;

    // RocksDB's own defaults.
    private static readonly string[] ManifestBounds = ["1073741824", "500"];

    private readonly RocksDb _db;
    private readonly ColumnFamilyHandle _batches;
    private readonly ColumnFamilyHandle _meta;
    private readonly ColumnFamilyHandle[] _families;
    private readonly ReadOptions _filesOnly = new();
    private readonly ReadOptions _keysOnly = new ReadOptions().SetFillCache(false);

    public StoreFiles(RocksDb db)
    {
        _db = db;
        (_batches, _meta) = (db.GetColumnFamily("batches"), db.GetColumnFamily("meta"));
        _families = [db.GetDefaultColumnFamily(), _batches, db.GetColumnFamily("positions"), db.GetColumnFamily("dedupe"), db.GetColumnFamily("state"), _meta];
        Native.Instance.rocksdb_readoptions_set_read_tier(_filesOnly.Handle, PersistedTier);
        Native.Instance.rocksdb_readoptions_set_allow_unprepared_value(_keysOnly.Handle, 1);
    }

    /// <summary>Puts a change's number into it.</summary>
    public static void Number(WriteBatch change, ColumnFamilyHandle meta, ulong number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        change.Put(StoreKeys.Number, bytes, meta);
    }

    /// <summary>A change as RocksDB writes it, until the next change of it.</summary>
    public static unsafe ReadOnlySpan<byte> Bytes(WriteBatch change)
    {
        var bytes = Native.Instance.rocksdb_writebatch_data(change.Handle, out var length);
        return new ReadOnlySpan<byte>((void*)bytes, checked((int)length));
    }

    /// <summary>
    /// The number of the newest change in the store. A store whose log was RocksDB's own has none yet: it goes on from RocksDB's number,
    /// which the marks of such a store name.
    /// </summary>
    public ulong Newest() => Number(new ReadOptions()) ?? _db.GetLatestSequenceNumber();

    /// <summary>The number of the newest change that is in files, and everything before it with it.</summary>
    public ulong Flushed() => Number(_filesOnly) ?? 0;

    /// <summary>What of each file of the commit log is needed now, by the number in its name: every batch whose place RocksDB holds. Null if keys are damaged, so that it cannot be told.</summary>
    public Dictionary<int, LogUse>? LogUse()
    {
        var uses = new Dictionary<int, LogUse>();
        using var entries = _db.NewIterator(_batches, _keysOnly);
        for (entries.SeekToFirst(); entries.Valid(); entries.Next())
        {
            if (LogPlace.TryRead(entries.GetValueSpan(), out var place) && StoreKeys.TryBatch(entries.GetKeySpan(), out var batch))
            {
                if (!uses.TryGetValue(place.File, out var use))
                {
                    uses.Add(place.File, use = new LogUse());
                }

                use.Add(place, batch.Bytes);
            }
        }

        return StoreErrors.Of(entries) is null ? uses : null;
    }

    /// <summary>Writes what is in memory of all families into files.</summary>
    public void Flush() => Flush(wait: true);

    /// <summary>Has it written, and does not wait.</summary>
    public void BeginFlush() => Flush(wait: false);

    /// <summary>A number RocksDB keeps about the batches, or 0.</summary>
    public long BatchesProperty(string name) =>
        long.TryParse(_db.GetProperty(name, _batches), CultureInfo.InvariantCulture, out var value) ? value : 0;

    /// <summary>Lets the list of files begin anew with the next change of it: it names the first and last key of files that are long gone.</summary>
    public void ShortenManifest(bool begin)
    {
        // The list is begun anew above both: a size, and a multiple of what it would be if begun anew.
        string[] keys = ["max_manifest_file_size", "max_manifest_space_amp_pct"];
        string[] values = begin ? ["1", "0"] : ManifestBounds;
        Native.Instance.rocksdb_set_db_options(_db.Handle, keys.Length, keys, values, out var error);
        if (error != IntPtr.Zero)
        {
            throw StoreErrors.Map("setting how large the list of files may grow", new RocksDbException(error));
        }
    }

    /// <summary>Waits until files that nothing needs any more are gone from the folder.</summary>
    public void WaitForPurge()
    {
        var options = Native.Instance.rocksdb_wait_for_compact_options_create();
        try
        {
            Native.Instance.rocksdb_wait_for_compact_options_set_wait_for_purge(options, 1);
            Native.Instance.rocksdb_wait_for_compact(_db.Handle, options, out var error);
            if (error != IntPtr.Zero)
            {
                throw StoreErrors.Map("waiting for old files to go", new RocksDbException(error));
            }
        }
        finally
        {
            Native.Instance.rocksdb_wait_for_compact_options_destroy(options);
        }
    }

    /// <summary>Compacts all families, with everything that lives moved out of blob files.</summary>
    public void CompactAll()
    {
        foreach (var family in _families)
        {
            Compact(family, collect: true);
        }
    }

    /// <summary>Compacts the batches' keys; with <paramref name="collect"/> also moves what lives out of blob files, so that they can go.</summary>
    public void Compact(bool collect) => Compact(_batches, collect);

    private void Compact(ColumnFamilyHandle family, bool collect)
    {
        const byte ForceBottommost = 2;
        const int ForceCollection = 0;
        const int NoCollection = 1;
        var options = Native.Instance.rocksdb_compactoptions_create();
        try
        {
            Native.Instance.rocksdb_compactoptions_set_exclusive_manual_compaction(options, 0);
            Native.Instance.rocksdb_compactoptions_set_bottommost_level_compaction(options, ForceBottommost);
            Native.Instance.rocksdb_compactoptions_set_blob_garbage_collection_policy(options, collect ? ForceCollection : NoCollection);
            Native.Instance.rocksdb_compactoptions_set_blob_garbage_collection_age_cutoff(options, 1.0);
            Native.Instance.rocksdb_compact_range_cf_opt(_db.Handle, family.Handle, options, IntPtr.Zero, 0, IntPtr.Zero, 0);
        }
        finally
        {
            Native.Instance.rocksdb_compactoptions_destroy(options);
        }
    }

    private ulong? Number(ReadOptions read) => _db.Get(StoreKeys.Number, _meta, read) is { Length: sizeof(ulong) } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : null;

    private void Flush(bool wait)
    {
        var options = Native.Instance.rocksdb_flushoptions_create();
        try
        {
            Native.Instance.rocksdb_flushoptions_set_wait(options, (byte)(wait ? 1 : 0));
            Native.Instance.rocksdb_flushoptions_set_allow_write_stall(options, (byte)(wait ? 0 : 1));
            Native.Instance.rocksdb_flush_cfs(_db.Handle, options, [.. _families.Select(f => f.Handle)], _families.Length, out var error);
            if (error != IntPtr.Zero)
            {
                throw new RocksDbException(error);
            }
        }
        finally
        {
            Native.Instance.rocksdb_flushoptions_destroy(options);
        }
    }
}
