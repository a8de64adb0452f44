using System.Collections.Concurrent;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Files;

/// <summary>The files and folders the node's sinks write to: one queue each, over revisions, open until the node stops. Thread-safe.</summary>
internal sealed class FileTargets(TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(string Path, bool IsFolder), Lazy<FileQueue>> _queues = new();

    /// <summary>The queue of what a sink writes to.</summary>
    public FileQueue Of(FileSinkConfig sink) => _queues.GetOrAdd(
        (sink.Path, sink.IsFolder),
        place => new Lazy<FileQueue>(() => new FileQueue(place.IsFolder ? new FileFolder(place.Path, time) : new LineFile(place.Path, time)))).Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var queue in _queues.Values)
        {
            queue.Value.Dispose();
        }

        _queues.Clear();
    }
}
