using System.Text;

namespace Trunkline.Core.Config;

/// <summary>
/// Files below a folder. A link is followed only as long as it stays inside, so that a project cannot read what lies
/// elsewhere on the machine.
/// </summary>
public sealed class DiskConfigFiles : IConfigFiles
{
    private const int VisitedMax = 10_000;
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    private readonly string _root;
    private readonly string _shown;

    /// <summary>Reads below a folder.</summary>
    /// <param name="folder">The folder; as given it prefixes the names shown.</param>
    public DiskConfigFiles(string folder)
    {
        _shown = folder;
        _root = RealPath(Path.GetFullPath(folder.Length == 0 ? "." : folder)) ?? Path.GetFullPath(folder);
    }

    /// <inheritdoc/>
    public string Display(string path) => _shown.Length == 0 ? path : Path.Combine(_shown, path);

    /// <inheritdoc/>
    public FileReading Read(string path, int charactersMax)
    {
        var real = RealPath(Path.Combine(_root, path));
        if (real is null || !File.Exists(real))
        {
            return new FileReading(null, real is not null && Directory.Exists(real) ? "is a folder" : "does not exist");
        }

        return IsInside(real) ? ReadText(real, charactersMax) : new FileReading(null, "is a link out of the project's folder");
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Find(GlobPattern pattern, int countMax)
    {
        var found = new List<string>();
        var visited = 0;
        var open = new Stack<string>();
        open.Push(pattern.FixedFolder);
        while (open.TryPop(out var folder))
        {
            var real = RealPath(Path.Combine(_root, folder));
            if (real is null || !IsInside(real) || !Directory.Exists(real))
            {
                continue;
            }

            foreach (var entry in new DirectoryInfo(real).EnumerateFileSystemInfos())
            {
                if (++visited > VisitedMax)
                {
                    break;
                }

                var path = folder.Length == 0 ? entry.Name : folder + "/" + entry.Name;
                if (entry is DirectoryInfo && pattern.MayHoldMatches(path) && entry.LinkTarget is null)
                {
                    open.Push(path);
                }
                else if (entry is FileInfo && pattern.IsMatch(path))
                {
                    found.Add(path);
                }
            }
        }

        return [.. found.Order(StringComparer.Ordinal).Take(countMax + 1)];
    }

    /// <summary>Reads a text file with a bound; also for <c>${file:…}</c>.</summary>
    public static FileReading ReadText(string path, int charactersMax)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new byte[(int)Math.Min((charactersMax * 4L) + 1, 64 * 1024 * 1024)];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length == bytes.Length
                ? new FileReading(null, "is too large")
                : new FileReading(StrictUtf8.GetString(bytes, 0, length), null);
        }
        catch (DecoderFallbackException)
        {
            return new FileReading(null, "is not UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new FileReading(null, e is UnauthorizedAccessException ? "may not be read by this user" : "cannot be read");
        }
    }

    private bool IsInside(string real) =>
        real == _root || real.StartsWith(_root.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>The path with every link followed, or null if it does not exist.</summary>
    private static string? RealPath(string path)
    {
        try
        {
            var real = "/";
            foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                real = Path.Combine(real, part);
                FileSystemInfo entry = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
                real = entry.LinkTarget is null ? real : entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? real;
            }

            return Path.Exists(real) ? real : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
