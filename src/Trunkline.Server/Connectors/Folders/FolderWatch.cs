namespace Trunkline.Server.Connectors.Folders;

/// <summary>Wakes a scan when something happens in a folder. Where the system cannot watch, scans come by the clock alone.</summary>
internal sealed class FolderWatch : IDisposable
{
    private readonly FileSystemWatcher? _watcher;
    private readonly ChangeSignal _changed = new();

    /// <param name="root">The folder.</param>
    /// <param name="isDeep">Whether folders below it are watched too.</param>
    public FolderWatch(string root, bool isDeep = true)
    {
        try
        {
            var watcher = new FileSystemWatcher(root) { IncludeSubdirectories = isDeep };
            watcher.Created += (_, _) => _changed.Set();
            watcher.Changed += (_, _) => _changed.Set();
            watcher.Renamed += (_, _) => _changed.Set();

            // Its buffer overflowed: a scan finds whatever it missed.
            watcher.Error += (_, _) => _changed.Set();
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (IOException)
        {
            // The system has no more watches to give; IsWatching tells, and scans come more often.
        }
    }

    /// <summary>True if changes are told.</summary>
    public bool IsWatching => _watcher is not null;

    /// <summary>Completes at the next change after this call.</summary>
    public Task Next => _changed.Next;

    /// <inheritdoc/>
    public void Dispose() => _watcher?.Dispose();
}
