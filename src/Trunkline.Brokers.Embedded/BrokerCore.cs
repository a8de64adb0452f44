using System.Diagnostics;
using RocksDbSharp;
using Trunkline.Brokers.Embedded.Commits;
using Trunkline.Brokers.Embedded.Groups;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Brokers.Embedded.Upkeep;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded;

/// <summary>The opened store with all that lives on it: opening and closing, in the right order.</summary>
internal sealed class BrokerCore : IDisposable
{
    private readonly DiskSpace _space;

    private BrokerCore(EmbeddedBrokerOptions options, Store store, AckMark mark, Catalog catalog, Counters counters)
    {
        Options = options;
        Store = store;
        Catalog = catalog;
        Counters = counters;
        Dedupe = new Deduplicator(store, counters.Seed);
        foreach (var topic in catalog.Topics)
        {
            Dedupe.Load(topic);
        }

        Queue = new CommitQueue(options.QueueBytesMax, options.QueueCallsMax);
        var space = _space = new DiskSpace(options.Directory, options.FreeBytesMin, options.Logger);
        space.Refresh();
        Mark = new MarkKeeper(mark, catalog, space, options.Time, options.Logger);
        Mark.Advance(store.LoggedSequence);
        Writer = new Writer(new WriterParts(options, store, catalog, Queue, Dedupe, Mark, space, options.Logger));
    }

    public EmbeddedBrokerOptions Options { get; }

    /// <summary>Why nothing is appended now; null if it is.</summary>
    public BrokerException? Refusal => Store.Failure ?? _space.Refusal;

    public Store Store { get; }

    public Catalog Catalog { get; }

    public Deduplicator Dedupe { get; }

    public CommitQueue Queue { get; }

    public MarkKeeper Mark { get; }

    public Writer Writer { get; }

    /// <summary>Writer's thread only.</summary>
    public Counters Counters { get; set; }

    public static BrokerCore Open(EmbeddedBrokerOptions options)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            Directory.CreateDirectory(options.Directory);
            options = options with { Directory = RealFolder.Of(options.Directory) };
            if (StoreFormat.CheckOrCreate(options.Directory) is var format and < StoreFormat.Version)
            {
                StoreMigration.Run(options.Directory, format, StoreMigration.Steps, options.Logger);
            }

            var mark = new AckMark(options.Directory);
            var marked = mark.Read();
            var store = Store.Open(options.Directory, new StoreMemory(options.MemoryBytes));
            try
            {
                var core = new BrokerCore(options, store, mark, Load(options, store, mark, marked, out var counters), counters);
                Log.Opened(options.Logger, options.Directory, core.Catalog.Topics.Count(), Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                return core;
            }
            catch
            {
                store.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException(BrokerErrorCode.StoreFailed, $"The store directory {options.Directory} cannot be used: {error.Message}", error);
        }
    }

    /// <summary>Runs a change alone on the writer's thread, between two groups of commits.</summary>
    public Task<T> Change<T>(Func<T> change)
    {
        var command = new WriterCommand<T>(change);
        Queue.Add(command);
        return command.Done;
    }

    /// <summary>Writes a change of topics or positions, synced. Writer's thread only.</summary>
    public void Write(WriteBatch change)
    {
        Store.Write(change, sync: true);
        Mark.Advance(Store.LoggedSequence);
    }

    /// <summary>Ends the subscriptions, commits what is queued, syncs, marks, closes.</summary>
    public void Dispose()
    {
        lock (Catalog.Gate)
        {
            Catalog.Members.Close();
        }

        Queue.Close();
        Writer.Dispose();
        if (Store.Failure is null)
        {
            Store.Sync();
            Mark.Advance(Store.LoggedSequence);
        }

        Mark.Dispose();
        foreach (var partition in Catalog.Topics.SelectMany(t => t.Partitions))
        {
            partition.Changed.Set();
        }

        Store.Dispose();
    }

    private static Catalog Load(EmbeddedBrokerOptions options, Store store, AckMark mark, AckMark.Mark? marked, out Counters counters)
    {
        var stored = store.Get(store.Meta, StoreKeys.Counters);
        if (stored is not null && marked is null)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged,
                $"The marks of what was acknowledged are missing from {options.Directory}, so a loss could not be told. Restore a backup.");
        }

        counters = stored is null ? Counters.New() : Counters.Decode(stored);
        counters = counters with { Starts = counters.Starts + 1 };
        var catalog = new Catalog(new GroupRegistry((long)counters.Starts << 32));
        CatalogLoader.Load(catalog, store);
        if (marked is not null && CatalogLoader.Loss(catalog, store, marked) is { } loss)
        {
            if (!options.AcceptLoss)
            {
                throw new BrokerException(BrokerErrorCode.StoreDamaged,
                    $"The store in {options.Directory} was cut: {loss} were acknowledged and are gone. Restore a backup, or open it accepting the loss.");
            }

            Log.LossAccepted(options.Logger, loss);
            mark.Write(store.OpenedAt, []);
        }

        if (marked is null)
        {
            mark.Write(0, []);
        }

        using var change = new WriteBatch();
        change.Put(StoreKeys.Counters, counters.Encode(), store.Meta);
        store.Write(change, sync: true);
        return catalog;
    }
}
