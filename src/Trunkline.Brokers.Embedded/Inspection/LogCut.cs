using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>
/// Opens a store whose log is damaged, up to the damage. RocksDB's own ways over it either refuse or drop without a word, so
/// the longest start of the log that opens is searched for, on a folder of links and one cut copy: the store itself is not touched.
/// </summary>
internal static class LogCut
{
    /// <returns>The store up to the damage; null if it does not open even without its log.</returns>
    public static Store? Open(string directory, string notes)
    {
        var logs = Directory.GetFiles(directory, "*.log").Order(StringComparer.Ordinal).ToArray();
        var (good, bad) = (0L, logs.Sum(log => new FileInfo(log).Length) + 1);
        if (TryOpen(directory, notes, logs, good) is not { } best)
        {
            return null;
        }

        while (bad - good > 1)
        {
            var middle = good + ((bad - good) / 2);
            if (TryOpen(directory, notes, logs, middle) is { } further)
            {
                best.Dispose();
                (best, good) = (further, middle);
            }
            else
            {
                bad = middle;
            }
        }

        return best;
    }

    private static Store? TryOpen(string directory, string notes, string[] logs, long length)
    {
        var folder = Directory.CreateDirectory(Path.Combine(notes, FormattableString.Invariant($"cut-{length}"))).FullName;
        foreach (var file in Directory.GetFiles(directory).Where(file => !file.EndsWith(".log", StringComparison.Ordinal) && !file.EndsWith("LOCK", StringComparison.Ordinal)))
        {
            Link(file, folder);
        }

        foreach (var log in logs)
        {
            var size = new FileInfo(log).Length;
            if (size <= length)
            {
                Link(log, folder);
            }
            else if (length > 0)
            {
                var copy = Path.Combine(folder, Path.GetFileName(log));
                File.Copy(log, copy);
                using var file = File.OpenWrite(copy);
                file.SetLength(length);
            }

            length = Math.Max(0, length - size);
        }

        try
        {
            return Store.OpenReadOnly(folder, notes, salvage: true);
        }
        catch (BrokerException)
        {
            // The answer to the question asked: this much of the log does not open.
            Directory.Delete(folder, recursive: true);
            return null;
        }
    }

    private static void Link(string file, string folder) => File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), Path.GetFullPath(file));
}
