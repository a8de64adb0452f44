using RocksDbSharp;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// RocksDB's managed exception carries nothing but the native status as text ("IO error: No space left on device: …"),
/// so the one place that reads that text is here. The forms are those of RocksDB 11 (status.cc, io_posix.cc, env_posix.cc).
/// </summary>
internal static class StoreErrors
{
    /// <summary>A typed error that names what was tried.</summary>
    public static BrokerException Map(string doing, Exception error) =>
        error is BrokerException typed ? typed : new BrokerException(Code(error.Message), Text(doing, error.Message), error);

    /// <summary>True of what RocksDB and .NET throw when files cannot be written; .NET has an exception of arguments for a file that may not grow further.</summary>
    public static bool IsOfStorage(Exception error) => error is RocksDbException or IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>The code of a native status text.</summary>
    public static BrokerErrorCode Code(string status)
    {
        if (Has(status, "No space left on device") || Has(status, "Disk quota exceeded") || Has(status, "NoSpace") || Has(status, "Space limit reached"))
        {
            return BrokerErrorCode.DiskFull;
        }

        if (status.StartsWith("Corruption", StringComparison.Ordinal) || Has(status, "checksum mismatch") || Has(status, "Corruption:"))
        {
            return BrokerErrorCode.StoreDamaged;
        }

        if (Has(status, "lock file") || Has(status, "lock hold by current process") || Has(status, "/LOCK:"))
        {
            return BrokerErrorCode.StoreLocked;
        }

        return status.StartsWith("Shutdown in progress", StringComparison.Ordinal) ? BrokerErrorCode.Closed : BrokerErrorCode.StoreFailed;
    }

    /// <summary>Throws if the iterator ended for another reason than the end of the data; the managed iterator does not tell.</summary>
    public static void Check(Iterator iterator, string doing)
    {
        if (Of(iterator) is { } error)
        {
            throw Map(doing, error);
        }
    }

    /// <summary>Why the iterator ended; null if it is at the end of the data.</summary>
    public static RocksDbException? Of(Iterator iterator)
    {
        Native.Instance.rocksdb_iter_get_error(iterator.Handle, out var error);
        return error == IntPtr.Zero ? null : new RocksDbException(error);
    }

    private static string Text(string doing, string status) => Code(status) switch
    {
        BrokerErrorCode.DiskFull => $"No space left while {doing}; nothing of it was acknowledged. Free space on the volume and restart the node. ({status})",
        BrokerErrorCode.StoreDamaged => $"Stored data is damaged, found while {doing}. Restore a backup or the volume. ({status})",
        BrokerErrorCode.StoreLocked => $"The store is in use by another process: stop it, or name another directory. ({status})",
        _ => $"The store failed while {doing}; nothing more is accepted until it is reopened. Check the volume and restart the node. ({status})",
    };

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
