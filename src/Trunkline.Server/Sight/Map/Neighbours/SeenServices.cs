using Trunkline.Client.Api;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>The spans the services of a live map are drawn from: read from the kept ones at most every few seconds, however many look. Thread-safe.</summary>
/// <param name="store">Keeps them.</param>
/// <param name="time">The clock.</param>
internal sealed class SeenServices(TraceStore store, TimeProvider time) : IDisposable
{
    private const int SpansMax = 50_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private IReadOnlyList<TraceSpan> _spans = [];
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;

    /// <summary>The map with the services seen in its time.</summary>
    public async Task<MapView> AddToAsync(MapView map, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (time.GetUtcNow() - _readAt > Fresh)
            {
                _spans = await store.SinceAsync(time.GetUtcNow() - HopFigures.Window, SpansMax, cancellationToken);
                _readAt = time.GetUtcNow();
            }
        }
        finally
        {
            _reading.Release();
        }

        // A node that began a minute ago has rates over a minute.
        var from = TraceTime.Of(map.At) - (long)(map.WindowSeconds * 1e9);
        return ServiceMap.Add(map, [.. _spans.Where(s => s.End >= from)]);
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();
}
