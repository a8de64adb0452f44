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
    private readonly RocksDb _db;
    private readonly CommitLog _log;
    private readonly WriteOptions _unlogged = new WriteOptions().SetSync(false).DisableWal(1);
    private readonly ReadOptions _read = new();
    private readonly ReadOptions _keysOnly = new();
    private readonly ReadOptions _unproved = new ReadOptions().SetVerifyChecksums(false).SetFillCache(false);
    private readonly ManualResetEventSlim _idle = new(true);
    private readonly Lock _gate = new();
    private int _readers;
    private bool _closed;
    private BrokerException? _failure;

    private Store(RocksDb db, StoreFiles files, LogFiles log, ulong last)
    {
        _db = db;
        _log = new CommitLog(log, last);
        Files = files;
        LogFiles = log;
        OpenedAt = last;
        Native.Instance.rocksdb_readoptions_set_allow_unprepared_value(_keysOnly.Handle, 1);
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

    /// <summary>RocksDB's files, and what is done to them.</summary>
    public StoreFiles Files { get; }

    /// <summary>The files of the log, which hold the large batches.</summary>
    public LogFiles LogFiles { get; }

    /// <summary>The number of the newest change when the store was opened.</summary>
    public ulong OpenedAt { get; }

    /// <summary>The number of the newest change that is in the log: what a crash after a sync cannot take. Writer's thread only.</summary>
    public ulong LoggedSequence => _log.Last;

    /// <summary>The first failed write; after it nothing is accepted.</summary>
    public BrokerException? Failure => Volatile.Read(ref _failure);

    /// <summary>Opens a store, or makes one, with all that its log holds.</summary>
    public static Store Open(string directory, StoreMemory memory) => Open(directory, memory, StoreOptions.Database(), LogSalvage.None);

    /// <summary>Opens a copy of a store to look at what can be read of it: without files that are missing, with its log up to damage or past it.</summary>
    public static Store OpenRemains(string directory, LogSalvage salvage) => Open(directory, StoreMemory.Default, StoreOptions.Database().SetParanoidChecks(false), salvage);

    private static Store Open(string directory, StoreMemory memory, DbOptions options, LogSalvage salvage)
    {
        RocksDb? db = null;
        try
        {
            db = RocksDb.Open(options, directory, Families(memory));
            var files = new StoreFiles(db);
            var last = StoreRecovery.Run(db, files, directory, salvage);
            var log = new LogFiles(directory, (long)memory.Log, StoreRecovery.Keep(files, directory, salvage), files.Flushed, files.BeginFlush);
            return new Store(db, files, log, last);
        }
        catch (Exception failure)
        {
            db?.Dispose();
            throw failure is RocksDbException ? StoreErrors.Map($"opening the store in {directory}", failure) : failure;
        }
    }

    /// <summary>
    /// Writes a change: into the log, then into RocksDB. The first failure is remembered: every later write fails with
    /// <see cref="BrokerErrorCode.StoreFailed"/>.
    /// </summary>
    public void Write(WriteBatch change, bool sync) => Write(change, [], sync);

    /// <summary>Writes a change with large batches, whose bytes go into the log only.</summary>
    public void Write(WriteBatch change, IReadOnlyList<LargeBatch> batches, bool sync)
    {
        ThrowIfFailed();
        try
        {
            Place(change, batches);
            StoreFiles.Number(change, Meta, _log.Last + 1);
            _log.Append(batches, StoreFiles.Bytes(change), sync);
            _db.Write(change, _unlogged);
        }
        catch (Exception error) when (StoreErrors.IsOfStorage(error))
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

    /// <summary>Puts the places of large batches into a change.</summary>
    private void Place(WriteBatch change, IReadOnlyList<LargeBatch> batches)
    {
        const int EntryBytesMax = StoreKeys.BatchKeySize + LogPlace.Size + 64;
        if (batches.Count == 0)
        {
            return;
        }

        Span<byte> value = stackalloc byte[LogPlace.Size];
        var place = _log.Next(StoreFiles.Bytes(change).Length + batches.Sum(batch => batch.Bytes.Length + EntryBytesMax) + EntryBytesMax);
        foreach (var batch in batches)
        {
            place.Write(value);
            change.Put(batch.Key, value, Batches);
            place = place with { At = place.At + batch.Bytes.Length };
        }
    }

    /// <summary>Makes everything written so far durable.</summary>
    public void Sync() => OnLog("syncing", log => log.Sync());

    /// <summary>Writes what is in memory into files.</summary>
    public void Flush()
    {
        ThrowIfFailed();
        try
        {
            Files.Flush();
        }
        catch (RocksDbException error)
        {
            throw Fail("flushing", error);
        }
    }

    /// <summary>Goes on in a new file of the log. Writer's thread only.</summary>
    /// <returns>The number of the newest change in the other files.</returns>
    public ulong BeginLogFile()
    {
        OnLog("beginning a file of the log", log => log.BeginFile());
        return _log.Last;
    }

    /// <summary>Writes what is in the store into a new folder, where the volume is the same by links. Writer's thread only, or before there is one; flushed before, it is quick.</summary>
    public void Checkpoint(string directory)
    {
        BeginLogFile();
        try
        {
            using var checkpoint = _db.Checkpoint();
            checkpoint.Save(directory);
            LogFiles.LinkInto(directory);
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

    /// <summary>The bytes of a batch, wherever they are; null if the store has none with this key.</summary>
    public byte[]? GetBatch(byte[] key)
    {
        var value = Get(Batches, key);
        return value is not null && LogPlace.TryRead(value, out var place) && StoreKeys.TryBatch(key, out var batch) ? GetLogged(place, batch.Bytes) : value;
    }

    /// <summary>The batch at a place in the log; null if by now it is not there any more.</summary>
    public byte[]? GetLogged(in LogPlace place, int length)
    {
        try
        {
            return LogFiles.Read(place, length);
        }
        catch (IOException error)
        {
            throw StoreErrors.Map("reading", error);
        }
    }

    /// <summary>An iterator with values.</summary>
    public Iterator Iterate(ColumnFamilyHandle family) => _db.NewIterator(family, _read);

    /// <summary>An iterator for keys only: it reads no blobs.</summary>
    public Iterator IterateKeys(ColumnFamilyHandle family) => _db.NewIterator(family, _keysOnly);

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
        _log.Dispose();
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

    private void OnLog(string doing, Action<CommitLog> act)
    {
        ThrowIfFailed();
        try
        {
            act(_log);
        }
        catch (Exception error) when (StoreErrors.IsOfStorage(error))
        {
            throw Fail(doing, error);
        }
    }

    private BrokerException Fail(string doing, Exception error)
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
