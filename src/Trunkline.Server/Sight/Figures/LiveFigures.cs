using System.Collections.Concurrent;

namespace Trunkline.Server.Sight.Figures;

/// <summary>What was measured in a short time. Measuring is thread-safe.</summary>
/// <param name="Began">When it began, as a time stamp of the node's clock.</param>
internal sealed record LiveSlot(long Began)
{
    public ConcurrentDictionary<FigureKey, long> Counts { get; } = new();

    public ConcurrentDictionary<FigureKey, LatencySketch> Times { get; } = new();
}

/// <summary>Figures of slots that lie side by side; the last may still be measured.</summary>
/// <param name="slots">The slots.</param>
/// <param name="seconds">How long they are together.</param>
internal sealed class LiveFigures(IReadOnlyList<LiveSlot> slots, double seconds) : IHopFigures
{
    /// <inheritdoc/>
    public double Seconds => seconds;

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<FigureKey, long>> Counts => slots.SelectMany(slot => slot.Counts);

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<FigureKey, LatencySketch>> Times => slots.SelectMany(slot => slot.Times);

    /// <inheritdoc/>
    public long CountOf(Func<FigureKey, bool> fits) => Counts.Where(c => fits(c.Key)).Sum(c => c.Value);

    /// <inheritdoc/>
    public LatencySketch TimesOf(FigureKey key)
    {
        LatencySketch? all = null;
        foreach (var slot in slots)
        {
            if (slot.Times.TryGetValue(key, out var sketch))
            {
                (all ??= new LatencySketch()).Add(sketch);
            }
        }

        return all ?? LatencySketch.None;
    }
}
