namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// A folder by its one path without links. The system's lock of a file belongs to the process and says nothing within it; RocksDB keeps two
/// opens of one process apart by their paths.
/// </summary>
internal static class RealFolder
{
    private const int LinksMax = 40;

    /// <exception cref="IOException">Links that lead to one another.</exception>
    public static string Of(string directory)
    {
        var (path, rest) = Split(Path.GetFullPath(directory));
        for (var links = 0; rest.Count > 0;)
        {
            var next = Path.Combine(path, rest.Pop());
            if (new DirectoryInfo(next).LinkTarget is not { } target)
            {
                path = next;
                continue;
            }

            if (++links > LinksMax)
            {
                throw new IOException($"{directory} leads through more than {LinksMax} links.");
            }

            // A link's target is read from where the link stands, and may lead through links itself.
            (path, var inner) = Split(Path.GetFullPath(target, path));
            foreach (var name in inner.Reverse())
            {
                rest.Push(name);
            }
        }

        return path;
    }

    /// <summary>The root, and the names below it with the first on top.</summary>
    private static (string Root, Stack<string> Names) Split(string full)
    {
        var root = Path.GetPathRoot(full)!;
        return (root, new Stack<string>(full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse()));
    }
}
