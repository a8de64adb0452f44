using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Files;

/// <summary>The files one reading follows: found, moved, gone. One user at a time.</summary>
internal sealed class FollowedFiles : IDisposable
{
    /// <summary>How long a file that was put aside or removed may still grow, before a last line without end counts as whole.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>How long the position of a file is kept that was not found any more: it may come back with its disk.</summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromDays(1);

    private static readonly TimeSpan RestAfter = TimeSpan.FromMinutes(1);

    private readonly FileSourceConfig _source;
    private readonly SourceStart _start;
    private readonly FileMatches _matches;
    private readonly Dictionary<string, TailPosition> _positions = new(StringComparer.Ordinal);
    private readonly Dictionary<FileIdentity, TailedFile> _files = [];
    private readonly Dictionary<string, (TailPosition Position, DateTimeOffset Since)> _left = new(StringComparer.Ordinal);
    private ConnectorException? _unreadable;

    public FollowedFiles(FileSourceConfig source, SourceStart start, FileMatches matches)
    {
        (_source, _start, _matches) = (source, start, matches);
        foreach (var position in start.Parts.Values.Select(TailPosition.Parse).OrderBy(position => position.Generation))
        {
            // Of a file written anew only what it is now counts.
            if (_positions.TryGetValue(position.Identity, out var older))
            {
                start.Forget(older.Part);
            }

            _positions[position.Identity] = position;
        }
    }

    /// <summary>Looks which files there are.</summary>
    public void Look()
    {
        var now = _start.Time.GetUtcNow();
        var found = _matches.List();
        foreach (var file in found.Where(file => file.Name.Length <= TailPosition.NameLengthMax))
        {
            if (_files.TryGetValue(file.Identity, out var followed))
            {
                (followed.Found, followed.GoneSince) = (file, null);
            }
            else
            {
                Follow(file);
            }
        }

        var there = found.Select(file => file.Identity).ToHashSet();
        foreach (var file in _files.Values.Where(file => !there.Contains(file.Found.Identity)))
        {
            file.GoneSince ??= now;
            if (_matches.FindMoved(file.Name, file.Found.Identity.ToString()) is { } moved)
            {
                file.Found = moved;
            }
        }

        FindLost(now);
    }

    /// <summary>The next lines of each file. Of files that had one name after the other, the older is read to its end first.</summary>
    public IEnumerable<SourceMessage> Read()
    {
        var unfinished = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in _files.Values.OrderBy(file => file.Found.Identity.Born).Where(file => !unfinished.Contains(file.Name)))
        {
            foreach (var message in TryRead(file, isLast: false))
            {
                yield return message;
            }

            if (file.HasMore)
            {
                unfinished.Add(file.Name);
            }
        }

        var now = _start.Time.GetUtcNow();
        foreach (var file in _files.Values.Where(file => now - file.GoneSince >= Grace).ToList())
        {
            foreach (var message in TryRead(file, isLast: true))
            {
                yield return message;
            }
        }
    }

    /// <summary>Closes what does not grow, and leaves what is gone and was read.</summary>
    /// <exception cref="ConnectorException">A file cannot be read; the others were.</exception>
    public void LetGo()
    {
        var now = _start.Time.GetUtcNow();
        foreach (var file in _files.Values.Where(file => now - file.LastRead >= RestAfter && file.IsThrough))
        {
            file.Rest();
        }

        foreach (var file in _files.Values.Where(file => now - file.GoneSince >= Grace && (file.IsThrough || !file.IsThere)).ToList())
        {
            _files.Remove(file.Found.Identity);
            _left[file.Found.Identity.ToString()] = (file.Position, now);
            file.Dispose();
        }

        foreach (var (identity, (position, _)) in _left.Where(left => now - left.Value.Since >= ForgetAfter).ToList())
        {
            _left.Remove(identity);
            _start.Forget(position.Part);
        }

        if (_unreadable is { } unreadable)
        {
            throw unreadable;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    private TailedFile? Follow(FoundFile found)
    {
        var identity = found.Identity.ToString();
        var position = _positions.GetValueOrDefault(identity) ?? (_left.TryGetValue(identity, out var left) ? left.Position : null);
        try
        {
            var file = new TailedFile(_source, _start, found, position);
            _files.Add(found.Identity, file);
            _positions.Remove(identity);
            _left.Remove(identity);
            return file;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // Of one that is gone since the look the next one tells where it is.
            Note(found, unreadable);
            return null;
        }
    }

    /// <summary>Files an earlier reading came to that match no more: put aside since, perhaps with lines not read.</summary>
    private void FindLost(DateTimeOffset now)
    {
        foreach (var position in _positions.Values.ToList())
        {
            if (_matches.FindMoved(position.Name, position.Identity) is not { } moved || moved.Length <= position.Offset)
            {
                _positions.Remove(position.Identity);
                _left[position.Identity] = (position, now);
            }
            else if (!_files.ContainsKey(moved.Identity) && Follow(moved) is { } file)
            {
                file.GoneSince = now;
            }
        }
    }

    private List<SourceMessage> TryRead(TailedFile file, bool isLast)
    {
        try
        {
            return file.Read(isLast);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            Note(file.Found, unreadable);
            return [];
        }
    }

    /// <summary>One that is gone, or has another name, is no trouble; any other is told once the rest was read.</summary>
    private void Note(FoundFile file, Exception failed)
    {
        if (failed is not (FileNotFoundException or DirectoryNotFoundException))
        {
            _unreadable = new ConnectorException($"the file '{file.Path}' cannot be read", failed);
        }
    }
}
