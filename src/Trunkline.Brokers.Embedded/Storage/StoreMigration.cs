using System.Globalization;
using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// Brings a store of an older format to this version's, step by step, after a checkpoint of it was kept beside it. A crash in between
/// leaves the old format named, and the next start does the step again: so a step must be able to run twice.
/// </summary>
internal static class StoreMigration
{
    /// <summary>What turns a format into the next, by the older one's number.</summary>
    public static IReadOnlyDictionary<int, Action<Store>> Steps { get; } = new Dictionary<int, Action<Store>>
    {
        // The log is ours instead of RocksDB's. Opening has taken RocksDB's into its files; an older version would not see ours.
        [1] = static store => store.Flush(),
        // Large batches stay in our log. What is stored already stays where it is; an older version would not find the new.
        [2] = static _ => { },
    };

    /// <summary>Migrates the store in a folder from a format to the newest of the steps.</summary>
    public static void Run(string directory, int from, IReadOnlyDictionary<int, Action<Store>> steps, ILogger logger)
    {
        var newest = steps.Keys.DefaultIfEmpty(from - 1).Max() + 1;
        if (from == newest)
        {
            return;
        }

        var kept = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) + string.Create(CultureInfo.InvariantCulture, $".format-{from}");
        using var store = Store.Open(directory, StoreMemory.Default);
        Keep(store, directory, kept, from);
        for (var format = from; format < newest; format++)
        {
            steps[format](store);
            store.Sync();
            StoreFormat.Write(directory, format + 1);
        }

        Log.Migrated(logger, directory, from, newest, kept);
    }

    /// <summary>The store as it was, with which an older version can go on. One of an earlier attempt is as good: nothing was added since.</summary>
    private static void Keep(Store store, string directory, string kept, int from)
    {
        if (Directory.Exists(kept))
        {
            return;
        }

        var partial = $"{kept}.partial-{Guid.NewGuid():N}";
        try
        {
            store.Checkpoint(partial);
            foreach (var mark in Directory.GetFiles(directory, "acknowledged.*"))
            {
                File.Copy(mark, Path.Combine(partial, Path.GetFileName(mark)));
            }

            StoreFormat.Write(partial, from);
            Directory.Move(partial, kept);
        }
        catch (IOException failed)
        {
            throw new BrokerException(BrokerErrorCode.StoreFailed, $"The store in {directory} could not be kept as {kept} before its format is changed: {failed.Message}", failed);
        }
    }
}
