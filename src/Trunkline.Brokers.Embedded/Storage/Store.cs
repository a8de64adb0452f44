using RocksDbSharp;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// The RocksDB of one node. Reads may run on any thread between <see cref="Enter"/> and the lease's end; writes come from one
/// thread. Closing waits for the readers: touching a closed native handle would end the process.
/// </summary>
internal sealed class Store : IDisposable
{
    // RocksDB's own defaults.
    private static readonly string[] ManifestBounds = ["1073741824", "500"];

    private readonly RocksDb _db;
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);
    private readonly WriteOptions _unsynced = new WriteOptions().SetSync(false);
    private readonly WriteOptions _unlogged = new WriteOptions().SetSync(false).DisableWal(1);
    private readonly ReadOptions _read = new();
    private readonly ReadOptions _keysOnly = new();
    private readonly ReadOptions _unproved = new ReadOptions().SetVerifyChecksums(false).SetFillCache(false);
    private readonly ManualResetEventSlim _idle = new(true);
    private readonly Lock _gate = new();
    private int _readers;
    private bool _closed;
    private BrokerException? _failure;

    private Store(RocksDb db)
    {
        _db = db;
        Native.Instance.rocksdb_readoptions_set_allow_unprepared_value(_keysOnly.Handle, 1);
        OpenedAt = LoggedSequence = db.GetLatestSequenceNumber();
        Batches = db.GetColumnFamily("batches");
        Positions = db.GetColumnFamily("positions");
        Dedupe = db.GetColumnFamily("dedupe");
        State = db.GetColumnFamily("state");
        Meta = db.GetColumnFamily("meta");
    }

    public ColumnFamilyHandle Batches { get; }

    public ColumnFamilyHandle Positions { get; }

    public ColumnFamilyHandle Dedupe { get; }

    public ColumnFamilyHandle State { get; }

    public ColumnFamilyHandle Meta { get; }

    private ColumnFamilyHandle[] Handles => [_db.GetDefaultColumnFamily(), Batches, Positions, Dedupe, State, Meta];

    /// <summary>The number of the newest change when the store was opened.</summary>
    public ulong OpenedAt { get; }

    /// <summary>The number of the newest change that is in the log: what a crash after a sync cannot take. Writer's thread only.</summary>
    public ulong LoggedSequence { get; private set; }

    /// <summary>The first failed write; after it nothing is accepted.</summary>
    public BrokerException? Failure => Volatile.Read(ref _failure);

    public static Store Open(string directory, StoreMemory memory)
    {
        try
        {
            return new Store(RocksDb.Open(StoreOptions.Database(memory), directory, Families(memory)));
        }
        catch (RocksDbException error)
        {
            throw StoreErrors.Map($"opening the store in {directory}", error);
        }
    }

    /// <summary>Opens a store without writing anything into its directory.</summary>
    /// <param name="directory">The store.</param>
    /// <param name="notes">Where RocksDB may write its own notes.</param>
    /// <param name="salvage">Accepts missing files.</param>
    public static Store OpenReadOnly(string directory, string notes, bool salvage)
    {
        var options = StoreOptions.Database(StoreMemory.Default).SetCreateIfMissing(false).SetCreateMissingColumnFamilies(false).SetDbLogDir(notes);
        if (salvage)
        {
            options.SetParanoidChecks(false);
        }

        try
        {
            return new Store(RocksDb.OpenReadOnly(options, directory, Families(StoreMemory.Default), false));
        }
        catch (RocksDbException error)
        {
            throw StoreErrors.Map($"reading the store in {directory}", error);
        }
    }

    /// <summary>Writes a batch. The first failure is remembered: every later write fails with <see cref="BrokerErrorCode.StoreFailed"/>.</summary>
    public void Write(WriteBatch batch, bool sync)
    {
        ThrowIfFailed();
        try
        {
            _db.Write(batch, sync ? _synced : _unsynced);
            LoggedSequence = _db.GetLatestSequenceNumber();
        }
        catch (RocksDbException error)
        {
            throw Fail("writing", error);
        }
    }

    /// <summary>
    /// Writes without the log: for rewriting what is stored already. A crash brings back the earlier form, which says the same.
    /// </summary>
    public void Rewrite(WriteBatch batch)
    {
        ThrowIfFailed();
        try
        {
            _db.Write(batch, _unlogged);
        }
        catch (RocksDbException error)
        {
            throw Fail("rewriting batches", error);
        }
    }

    /// <summary>
    /// Removes a batch. If its key is written once and never again, removal and batch vanish together when they are flushed, and readers need not
    /// step over one tombstone for each message that trickled in. Compaction may write a key again.
    /// </summary>
    public void RemoveBatch(WriteBatch change, byte[] key, bool writtenOnce)
    {
        if (writtenOnce)
        {
            Native.Instance.rocksdb_writebatch_singledelete_cf(change.Handle, Batches.Handle, key, (UIntPtr)key.Length);
        }
        else
        {
            change.Delete(key, Batches);
        }
    }

    /// <summary>
    /// Removes all batches that lie between two offsets: the range, not the keys, since a batch may have been merged of smaller ones without
    /// a log, and a crash would bring those back.
    /// </summary>
    public void RemoveBatches(WriteBatch change, PartitionState partition, long first, long last)
    {
        var (from, until) = (StoreKeys.BatchesFrom(partition.Topic.Id, partition.Number, first), StoreKeys.BatchesFrom(partition.Topic.Id, partition.Number, last + 1));
        change.DeleteRange(from, (ulong)from.Length, until, (ulong)until.Length, Batches);
    }

    /// <summary>Makes everything written so far durable.</summary>
    public void Sync()
    {
        ThrowIfFailed();
        Native.Instance.rocksdb_flush_wal(_db.Handle, 1, out var error);
        if (error != IntPtr.Zero)
        {
            throw Fail("syncing", new RocksDbException(error));
        }
    }

    /// <summary>
    /// Writes what is in the store into a new folder, where the volume is the same by links; writes may go on meanwhile, and are in it as
    /// a whole or not. Any thread.
    /// </summary>
    public void Checkpoint(string directory)
    {
        using var lease = Enter();
        try
        {
            using var checkpoint = _db.Checkpoint();
            checkpoint.Save(directory);
        }
        catch (RocksDbException error)
        {
            throw new BrokerException(StoreErrors.Code(error.Message), $"The checkpoint could not be written to {directory}; nothing stored was changed. ({error.Message})", error);
        }
    }

    public byte[]? Get(ColumnFamilyHandle family, ReadOnlySpan<byte> key)
    {
        try
        {
            return _db.Get(key, family, _read);
        }
        catch (RocksDbException error)
        {
            throw StoreErrors.Map("reading", error);
        }
    }

    /// <summary>
    /// The batch of a key that an iterator stands on, without RocksDB's checksum of it, which takes longer than all else of a read: for who proves
    /// the batch's own. The key's block was proved when the iterator came to it. Null if the batch is gone by now or has another length.
    /// </summary>
    public unsafe byte[]? GetUnproved(ReadOnlySpan<byte> key, int length)
    {
        var value = GC.AllocateUninitializedArray<byte>(length);
        fixed (byte* name = key, into = value)
        {
            var fits = Native.Instance.rocksdb_get_into_buffer_cf(
                _db.Handle, _unproved.Handle, Batches.Handle, name, (UIntPtr)key.Length, (IntPtr)into, (UIntPtr)length, out var found, out var exists, out var error);
            if (error != IntPtr.Zero)
            {
                throw StoreErrors.Map("reading", new RocksDbException(error));
            }

            return fits != 0 && exists != 0 && found == (UIntPtr)length ? value : null;
        }
    }

    /// <summary>An iterator with values.</summary>
    public Iterator Iterate(ColumnFamilyHandle family) => _db.NewIterator(family, _read);

    /// <summary>An iterator for keys only: it reads no blobs.</summary>
    public Iterator IterateKeys(ColumnFamilyHandle family) => _db.NewIterator(family, _keysOnly);

    /// <summary>A number RocksDB keeps about the batches, or 0.</summary>
    public long BatchesProperty(string name) =>
        long.TryParse(_db.GetProperty(name, Batches), System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : 0;

    /// <summary>Writes what is in memory of all families into files, so that the logs it came by can go.</summary>
    public void Flush()
    {
        ThrowIfFailed();
        var options = Native.Instance.rocksdb_flushoptions_create();
        try
        {
            Native.Instance.rocksdb_flushoptions_set_wait(options, 1);
            foreach (var family in Handles)
            {
                Native.Instance.rocksdb_flush_cf(_db.Handle, options, family.Handle, out var error);
                if (error != IntPtr.Zero)
                {
                    throw Fail("flushing", new RocksDbException(error));
                }
            }
        }
        finally
        {
            Native.Instance.rocksdb_flushoptions_destroy(options);
        }
    }

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
        foreach (var family in Handles)
        {
            Compact(family, collect: true);
        }
    }

    /// <summary>Compacts the batches' keys; with <paramref name="collect"/> also moves what lives out of blob files, so that they can go.</summary>
    public void Compact(bool collect) => Compact(Batches, collect);

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

    /// <summary>Keeps the store open until the lease is disposed.</summary>
    /// <exception cref="BrokerException">The store was closed.</exception>
    public Lease Enter()
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new BrokerException(BrokerErrorCode.Closed, "The broker was closed.");
            }

            if (_readers++ == 0)
            {
                _idle.Reset();
            }

            return new Lease(this);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _idle.Wait();
        _idle.Dispose();
        _db.Dispose();
    }

    private static ColumnFamilies Families(StoreMemory memory)
    {
        var blocks = Cache.CreateLru(memory.Blocks);
        return new ColumnFamilies(StoreOptions.Small(memory, blocks))
        {
            { "batches", StoreOptions.Batches(memory, blocks) },
            { "positions", StoreOptions.Small(memory, blocks) },
            { "dedupe", StoreOptions.Small(memory, blocks) },
            { "state", StoreOptions.Small(memory, blocks) },
            { "meta", StoreOptions.Small(memory, blocks) },
        };
    }

    private void Exit()
    {
        lock (_gate)
        {
            if (--_readers == 0)
            {
                _idle.Set();
            }
        }
    }

    private BrokerException Fail(string doing, RocksDbException error)
    {
        var failure = StoreErrors.Map(doing, error);
        Interlocked.CompareExchange(ref _failure, failure, null);
        return failure;
    }

    private void ThrowIfFailed()
    {
        if (Failure is { } failure)
        {
            throw new BrokerException(BrokerErrorCode.StoreFailed,
                $"An earlier write failed, so nothing is accepted until the store is reopened: restart the node. ({failure.Message})", failure);
        }
    }

    /// <summary>A reader's hold on the open store.</summary>
    internal readonly struct Lease(Store store) : IDisposable
    {
        public void Dispose() => store.Exit();
    }
}
