namespace Trunkline.Server.Sight.Figures;

/// <summary>Counts and times of hops over a time: of the last minutes as they are measured, or of the past as they were kept.</summary>
internal interface IHopFigures
{
    /// <summary>Seconds the figures are over.</summary>
    double Seconds { get; }

    /// <summary>All that was counted; a key may come more than once.</summary>
    IEnumerable<KeyValuePair<FigureKey, long>> Counts { get; }

    /// <summary>How many, over all keys that fit.</summary>
    long CountOf(Func<FigureKey, bool> fits);

    /// <summary>All times; a key may come more than once.</summary>
    IEnumerable<KeyValuePair<FigureKey, LatencySketch>> Times { get; }

    /// <summary>The times of a key; empty if there are none.</summary>
    LatencySketch TimesOf(FigureKey key);
}
