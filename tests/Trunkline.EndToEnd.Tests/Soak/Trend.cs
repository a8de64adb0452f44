using System.Globalization;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>How a figure went over time: medians of windows, and the line through them.</summary>
/// <param name="First">The median of the first window.</param>
/// <param name="Last">The median of the last window.</param>
/// <param name="PerMinute">The slope of the line through the windows.</param>
/// <param name="Growth">What the line rose over the whole time.</param>
/// <param name="Flat">Whether that is within bounds; null if the time was too short to say.</param>
internal sealed record Trend(double First, double Last, double PerMinute, double Growth, bool? Flat)
{
    private const int Windows = 6;
    private const int SamplesMin = Windows * 3;
    private const double MinutesMin = 4;

    /// <summary>Judges samples.</summary>
    /// <param name="samples">Minutes and values, in order.</param>
    /// <param name="share">Growth allowed, as a share of the mean.</param>
    /// <param name="allowance">Growth allowed beside that.</param>
    public static Trend Of(IReadOnlyList<(double Minute, double Value)> samples, double share, double allowance)
    {
        if (samples.Count < SamplesMin)
        {
            return new Trend(samples.Count > 0 ? samples[0].Value : 0, samples.Count > 0 ? samples[^1].Value : 0, 0, 0, null);
        }

        var windows = samples.Chunk((samples.Count + Windows - 1) / Windows).Select(w => (X: w.Average(s => s.Minute), Y: Median(w.Select(s => s.Value)))).ToList();
        var (x, y) = (windows.Average(w => w.X), windows.Average(w => w.Y));
        var slope = windows.Sum(w => (w.X - x) * (w.Y - y)) / windows.Sum(w => (w.X - x) * (w.X - x));
        var growth = slope * (samples[^1].Minute - samples[0].Minute);
        return new Trend(windows[0].Y, windows[^1].Y, slope, growth, samples[^1].Minute - samples[0].Minute < MinutesMin ? null : growth <= (share * y) + allowance);
    }

    public string Text(string name, string unit) => string.Create(CultureInfo.InvariantCulture,
        $"{name} {First:0} to {Last:0} {unit}, {PerMinute:+0.0;-0.0;0} a minute: {(Flat switch { true => "flat", false => "GROWS", null => "too short to say" })}");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
