namespace Trunkline.Server.Connectors.Folders;

/// <summary>
/// Lists the mails of a folder: of a Maildir the files of <c>new</c> and <c>cur</c>, of any other folder all files below it.
/// Hidden files, and links to elsewhere, are left out.
/// </summary>
internal sealed class FolderScan(string root)
{
    /// <summary>Names one scan holds in memory; what is beyond comes with a later scan, once these are through.</summary>
    public const int FilesMax = 1_000_000;

    private static readonly EnumerationOptions Flat = new() { AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden };

    private static readonly EnumerationOptions Deep = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
        RecurseSubdirectories = true,
        MaxRecursionDepth = 64,
    };

    /// <summary>True if, at the last listing, files appear whole in it, by the rename a Maildir delivers with.</summary>
    public bool IsMaildir { get; private set; }

    /// <summary>
    /// All files, in the order of their names. The identity of a mail in a Maildir is its unique name without folder and flags,
    /// so that it stays the same when a reader moves it from <c>new</c> to <c>cur</c>.
    /// </summary>
    public List<FolderFile> List()
    {
        var maildir = Directory.Exists(Path.Combine(root, "new")) && Directory.Exists(Path.Combine(root, "cur"));
        IsMaildir = maildir;
        var paths = maildir
            ? Directory.EnumerateFiles(Path.Combine(root, "new"), "*", Flat).Concat(Directory.EnumerateFiles(Path.Combine(root, "cur"), "*", Flat))
            : Directory.EnumerateFiles(root, "*", Deep);
        var files = new List<FolderFile>();
        foreach (var path in paths.Take(FilesMax))
        {
            files.Add(new FolderFile(path, maildir ? UniqueName(Path.GetFileName(path)) : Path.GetRelativePath(root, path)));
        }

        files.Sort(static (a, b) => string.CompareOrdinal(a.Identity, b.Identity));
        return files;
    }

    /// <summary>The name before the flags: <c>1700000000.M1P2.host:2,S</c> is <c>1700000000.M1P2.host</c> (Maildir, "info").</summary>
    private static string UniqueName(string name)
    {
        var flags = name.LastIndexOf(":2,", StringComparison.Ordinal);
        return flags > 0 ? name[..flags] : name;
    }
}

/// <summary>A file found.</summary>
/// <param name="Path">Where it is now.</param>
/// <param name="Identity">What it is known by.</param>
internal readonly record struct FolderFile(string Path, string Identity);
