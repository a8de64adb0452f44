using System.Collections.Concurrent;

namespace Trunkline.Server.Api.Live;

/// <summary>How many clients are connected at each path. Thread-safe.</summary>
internal sealed class ClientCounts
{
    private readonly ConcurrentDictionary<string, int> _clients = new(StringComparer.Ordinal);

    /// <summary>Takes a place at a path, given back by disposing; null if there is none.</summary>
    public IDisposable? TryEnter(string path, int clientsMax)
    {
        if (_clients.AddOrUpdate(path, 1, static (_, clients) => clients + 1) <= clientsMax)
        {
            return new Place(this, path);
        }

        Leave(path);
        return null;
    }

    private void Leave(string path) => _clients.AddOrUpdate(path, 0, static (_, clients) => clients - 1);

    private sealed class Place(ClientCounts owner, string path) : IDisposable
    {
        public void Dispose() => owner.Leave(path);
    }
}
