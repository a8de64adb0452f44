namespace Trunkline.Server.Sight.Figures;

/// <summary>How long a slot of kept figures is. Numbers are stored: they never change.</summary>
internal enum FigureSpan : byte
{
    /// <summary>A minute, kept 48 hours.</summary>
    Minute = 0,

    /// <summary>An hour, kept 30 days.</summary>
    Hour = 1,

    /// <summary>A day of UTC, kept 24 months.</summary>
    Day = 2,
}

/// <summary>What was counted in one slot, by series.</summary>
/// <param name="Span">How long it is.</param>
/// <param name="Start">When it began; a whole minute, hour or day of UTC.</param>
/// <param name="Values">By the name of the series.</param>
internal sealed record FigureSlot(FigureSpan Span, DateTimeOffset Start, IReadOnlyDictionary<string, FigureValue> Values)
{
    /// <summary>A series whose name begins with this belongs to its own slot only, and is not added up.</summary>
    public const char NotSummed = '.';

    /// <summary>Adds slots up to one that is longer.</summary>
    public static FigureSlot Sum(FigureSpan span, DateTimeOffset start, IEnumerable<FigureSlot> parts)
    {
        var sums = new Dictionary<string, FigureValue>(StringComparer.Ordinal);
        foreach (var (series, value) in parts.SelectMany(p => p.Values).Where(v => !v.Key.StartsWith(NotSummed)))
        {
            if (!sums.TryGetValue(series, out var sum))
            {
                sums.Add(series, sum = new FigureValue());
            }

            sum.Add(value);
        }

        return new FigureSlot(span, start, sums);
    }
}

/// <summary>Counts, and times where they were measured. Not thread-safe.</summary>
internal sealed class FigureValue
{
    /// <summary>Counts of a series at most.</summary>
    public const int CountsMax = 16;

    /// <summary>Counts; what they are of, the series knows. They may be negative: what was counted before is corrected.</summary>
    public long[] Counts { get; private set; } = [];

    /// <summary>Times; null for a series without.</summary>
    public LatencySketch? Times { get; private set; }

    /// <summary>A value of counts only.</summary>
    public static FigureValue Of(params long[] counts) => new() { Counts = counts };

    /// <summary>A value of counts and times; the sketch is used from then on as its own.</summary>
    public static FigureValue Of(LatencySketch? times, params long[] counts) => new() { Counts = counts, Times = times };

    /// <summary>Adds another of the same series.</summary>
    public void Add(FigureValue other)
    {
        if (other.Counts.Length > Counts.Length)
        {
            var counts = new long[other.Counts.Length];
            Counts.CopyTo(counts, 0);
            Counts = counts;
        }

        for (var i = 0; i < other.Counts.Length; i++)
        {
            Counts[i] += other.Counts[i];
        }

        if (other.Times is { } times)
        {
            (Times ??= new LatencySketch()).Add(times);
        }
    }
}
