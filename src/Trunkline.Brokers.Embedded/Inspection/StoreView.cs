using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded.Inspection;

/// <summary>
/// A store to look at, of which not a byte is changed: opened on a folder of links to its files, since opening writes. What RocksDB may write on is
/// copied instead.
/// </summary>
internal static class StoreView
{
    /// <param name="directory">The store.</param>
    /// <param name="notes">A folder for the links and all that is written; the caller's to delete, when the view is closed.</param>
    /// <param name="salvage">Other than none: accepts missing files, and takes this of a log that is damaged.</param>
    public static Store Open(string directory, string notes, LogSalvage salvage)
    {
        var folder = Folder(notes);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(directory).Where(file => Path.GetFileName(file) != "LOCK"))
        {
            var target = Path.Combine(folder, Path.GetFileName(file));
            if (Path.GetExtension(file) is ".log" or ".sst" or ".blob")
            {
                File.CreateSymbolicLink(target, Path.GetFullPath(file));
            }
            else
            {
                File.Copy(file, target);
            }
        }

        return salvage == LogSalvage.None ? Store.Open(folder, StoreMemory.Default) : Store.OpenRemains(folder, salvage);
    }

    /// <summary>A text of RocksDB's that names files of the view, made to name those of the store.</summary>
    public static string OfStore(string text, string directory, string notes) => text.Replace(Folder(notes), Path.GetFullPath(directory), StringComparison.Ordinal);

    private static string Folder(string notes) => Path.Combine(notes, "store");
}
