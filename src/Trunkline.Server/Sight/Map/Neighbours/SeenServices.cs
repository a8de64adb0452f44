using Trunkline.Client.Api;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>Draws services around into the live map from the spans that are kept, read at most every few seconds, however many look; and keeps what they come to for maps of a time before. Thread-safe.</summary>
/// <param name="store">Keeps spans.</param>
/// <param name="queue">Knows whether others sent any.</param>
/// <param name="figures">What services measured of themselves.</param>
/// <param name="time">The clock.</param>
internal sealed class SeenServices(TraceStore store, TraceQueue queue, HopFigures figures, TimeProvider time) : IDisposable
{
    private const int SpansMax = 50_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    // Exporters send every few seconds: what ended this long ago has come.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private IReadOnlyList<TraceSpan> _spans = [];
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;
    private DateTimeOffset _keptUntil = time.GetUtcNow() - Late;
    private DateTimeOffset _lookUntil = DateTimeOffset.MinValue;
    private long _others;

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
        return ServiceMap.Add(map, [.. _spans.Where(s => s.End >= from)], figures);
    }

    /// <summary>Keeps what the spans of services come to that ended since the last time. One caller at a time, who is the only one that keeps figures.</summary>
    /// <param name="map">The node's own map.</param>
    /// <param name="history">Keeps it.</param>
    /// <param name="isLast">True for a node that stops: what comes later, nobody keeps.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task KeepAsync(MapView map, HopHistory history, bool isLast, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (queue.Others is var others && others != _others)
        {
            // Until all that came by now has ended long enough ago.
            (_others, _lookUntil) = (others, now + Late + Late);
        }

        var (from, until) = (_keptUntil, isLast ? now : now - Late);
        _keptUntil = until;
        if (now > _lookUntil)
        {
            return;
        }

        if (isLast)
        {
            await store.FlushAsync(cancellationToken);
        }

        // The other half of a hand-over may have ended, or come, before.
        var spans = await store.SinceAsync(from - Late, SpansMax, cancellationToken);
        var (after, last) = (TraceTime.Of(from), TraceTime.Of(until));
        ServiceMap.Keep(map, spans, s => s.End > after && s.End <= last, history.Add);
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();
}
