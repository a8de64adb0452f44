using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

/// <summary>A map as it was read once. Thread-safe.</summary>
internal sealed class MapReading
{
    private readonly MapWriting? _before;
    private readonly Lazy<ReadOnlyMemory<byte>> _change;
    private volatile string? _drawn;
    private int _looks;

    private MapReading(MapView map, MapWriting writing, MapLayout layout, MapReading? before)
    {
        (Map, Writing, Layout, Number, _before) = (map, writing, layout, (before?.Number ?? 0) + 1, before?.Writing);
        _change = new Lazy<ReadOnlyMemory<byte>>(() => Writing.EventSince(_before, Number));
    }

    /// <summary>The map.</summary>
    public MapView Map { get; }

    /// <summary>What is written on it.</summary>
    public MapWriting Writing { get; }

    /// <summary>Where things stand: laid out anew only if another picture is to be drawn.</summary>
    public MapLayout Layout { get; }

    /// <summary>Counts readings up from 1.</summary>
    public long Number { get; }

    /// <summary>A reading of a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="before">The reading before of the same map; null for none.</param>
    public static MapReading Of(MapView map, MapReading? before)
    {
        var writing = MapWriting.Of(map);
        return new MapReading(map, writing, before?.Writing.Layout == writing.Layout ? before.Layout : MapLayout.Of(map), before);
    }

    /// <summary>What a viewer is sent, as a server-sent event; empty if it has seen all of it.</summary>
    /// <param name="seen">What the viewer has seen last; null for nothing.</param>
    public ReadOnlyMemory<byte> EventFor(MapWriting? seen) =>
        ReferenceEquals(seen, Writing) ? default
        : seen is not null && ReferenceEquals(seen, _before) ? _change.Value
        : Writing.EventSince(seen, Number);

    /// <summary>
    /// What was drawn of it, for pages that share it: null for the first, which draws for itself, since a text of the whole is dear if nobody else asks. Two at the same moment may
    /// both draw it, and draw the same.
    /// </summary>
    /// <param name="draw">Draws it.</param>
    public async ValueTask<string?> DrawnAsync(Func<Task<string>> draw) => Interlocked.Increment(ref _looks) == 1 ? null : _drawn ??= await draw();
}
