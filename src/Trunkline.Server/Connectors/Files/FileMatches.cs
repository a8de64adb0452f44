using Trunkline.Core.Config;

namespace Trunkline.Server.Connectors.Files;

/// <summary>A file that was found.</summary>
/// <param name="Path">Where it is now.</param>
/// <param name="Name">Its path below the folder the pattern begins at.</param>
/// <param name="Identity">What it is known by.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct FoundFile(string Path, string Name, FileIdentity Identity, long Length);

/// <summary>The plain files a pattern matches. Links are left out, so that nobody who may write to the folder leads elsewhere.</summary>
internal sealed class FileMatches
{
    /// <summary>The most files followed at once.</summary>
    public const int FilesMax = 10_000;

    private static readonly EnumerationOptions Flat = new() { AttributesToSkip = FileAttributes.ReparsePoint };

    private static readonly EnumerationOptions Deep = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint,
        RecurseSubdirectories = true,
        MaxRecursionDepth = 64,
    };

    private readonly GlobPattern _pattern;

    /// <param name="pattern">The pattern, as an absolute path.</param>
    public FileMatches(string pattern)
    {
        var beginning = Path.GetPathRoot(pattern)!;
        var below = pattern[beginning.Length..].Replace('\\', '/');
        var folder = new GlobPattern(below).FixedFolder;
        var rest = folder.Length == 0 ? below : below[(folder.Length + 1)..];
        (Root, _pattern, IsDeep) = (Path.Combine(beginning, folder), new GlobPattern(rest), rest.Contains('/', StringComparison.Ordinal));
    }

    /// <summary>The folder the pattern begins at.</summary>
    public string Root { get; }

    /// <summary>Whether files in folders below it match too.</summary>
    public bool IsDeep { get; }

    /// <summary>The files that match, the oldest first.</summary>
    /// <exception cref="ConnectorException">There are more than may be followed, or the folder cannot be read.</exception>
    public List<FoundFile> List()
    {
        var found = new List<FoundFile>();
        try
        {
            foreach (var path in Directory.EnumerateFiles(Root, "*", IsDeep ? Deep : Flat))
            {
                var name = Path.GetRelativePath(Root, path).Replace('\\', '/');
                if (_pattern.IsMatch(name) && FileSystemCalls.PlainFileAt(path) is var (identity, length))
                {
                    found.Add(new FoundFile(path, name, identity, length));
                }
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConnectorException($"the folder '{Root}' cannot be read", unreadable);
        }

        found.Sort(static (a, b) => a.Identity.Born != b.Identity.Born ? a.Identity.Born.CompareTo(b.Identity.Born) : string.CompareOrdinal(a.Name, b.Name));
        return found.Count <= FilesMax ? found : throw new ConnectorException($"more than {FilesMax} files match in '{Root}'");
    }

    /// <summary>Where a file is now that matches no more: beside where it was, under another name, as a rotation leaves it; null if nowhere.</summary>
    public FoundFile? FindMoved(string name, string identity)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Root, name))!;
        if (!Directory.Exists(folder))
        {
            return null;
        }

        foreach (var path in Directory.EnumerateFiles(folder, "*", Flat))
        {
            if (FileSystemCalls.PlainFileAt(path) is var (found, length) && found.ToString() == identity)
            {
                return new FoundFile(path, name, found, length);
            }
        }

        return null;
    }
}
