using System.Collections.Concurrent;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Map;

/// <summary>Layouts by what is drawn: maps with the same nodes and hops share one, whatever their figures and times. Thread-safe.</summary>
internal sealed class MapLayouts
{
    private const int KeptMax = 16;

    private readonly ConcurrentDictionary<string, MapLayout> _kept = new(StringComparer.Ordinal);

    /// <summary>The layout of a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="name">Names what is drawn: see <see cref="MapWriting.LayoutOf"/>.</param>
    public MapLayout Of(MapView map, string name)
    {
        if (_kept.TryGetValue(name, out var layout))
        {
            return layout;
        }

        if (_kept.Count >= KeptMax)
        {
            _kept.Clear();
        }

        return _kept[name] = MapLayout.Of(map);
    }
}
