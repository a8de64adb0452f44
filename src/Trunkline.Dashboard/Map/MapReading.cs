using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

/// <summary>A map as it was read once, and what is drawn of it for all that look at it. Thread-safe.</summary>
internal sealed class MapReading
{
    private readonly MapWriting? _before;
    private readonly Lazy<ReadOnlyMemory<byte>> _change;
    private readonly Lazy<MapLayout> _layout;
    private readonly Lazy<MapPicture> _picture;
    private readonly Lazy<MapTable> _table;

    private MapReading(MapView map, MapQuestion question, MapLayouts layouts, MapReading? before)
    {
        (Map, Question, Writing, Number, _before) = (map, question, MapWriting.Of(map), (before?.Number ?? 0) + 1, before?.Writing);
        _change = new Lazy<ReadOnlyMemory<byte>>(() => Writing.EventSince(_before, Number));
        _layout = new Lazy<MapLayout>(() => layouts.Of(map, Writing.Layout));
        _picture = new Lazy<MapPicture>(() => MapPicture.Of(this));
        _table = new Lazy<MapTable>(() => MapTable.Of(map));
    }

    /// <summary>The map.</summary>
    public MapView Map { get; }

    /// <summary>What was asked for.</summary>
    public MapQuestion Question { get; }

    /// <summary>What is written on it.</summary>
    public MapWriting Writing { get; }

    /// <summary>Where things stand.</summary>
    public MapLayout Layout => _layout.Value;

    /// <summary>Its picture.</summary>
    public MapPicture Picture => _picture.Value;

    /// <summary>The table that says the same.</summary>
    public MapTable Table => _table.Value;

    /// <summary>Counts readings up from 1.</summary>
    public long Number { get; }

    /// <summary>A reading of a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="question">What was asked for.</param>
    /// <param name="layouts">Those of maps before.</param>
    /// <param name="before">The reading before of the same map; null for none.</param>
    public static MapReading Of(MapView map, MapQuestion question, MapLayouts layouts, MapReading? before) => new(map, question, layouts, before);

    /// <summary>What a viewer is sent, as a server-sent event; empty if it has seen all of it.</summary>
    /// <param name="seen">What the viewer has seen last; null for nothing.</param>
    public ReadOnlyMemory<byte> EventFor(MapWriting? seen) =>
        ReferenceEquals(seen, Writing) ? default
        : seen is not null && ReferenceEquals(seen, _before) ? _change.Value
        : Writing.EventSince(seen, Number);
}
