using System.Globalization;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>How long a window of OpenSLO is: days, or months of the calendar.</summary>
/// <param name="Days">Days; 0 if it is of months.</param>
/// <param name="Months">Months; 0 if it is of days.</param>
/// <param name="IsMinutes">Whether it is written as minutes, <c>1m</c>: what many write for a month.</param>
internal readonly record struct OpenSloSpan(int Days, int Months, bool IsMinutes)
{
    private const int DaysMax = 366;
    private const int MonthsMax = 12;

    // For burn rates, which want a length: that of the average month.
    private const double DaysOfMonth = 365.2425 / 12;

    /// <summary>As a length; of months the average.</summary>
    public TimeSpan Length => TimeSpan.FromDays(Months > 0 ? Math.Round(Months * DaysOfMonth) : Days);

    /// <summary>Reads <c>28d</c>, <c>4w</c>, <c>1M</c>, <c>1Q</c>, <c>1Y</c>.</summary>
    public static ScalarReading<OpenSloSpan> Read(string text)
    {
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 10_000)
        {
            return Hours(text) is { } days ? new ScalarReading<OpenSloSpan>(new OpenSloSpan(days, 0, false)) : Bad;
        }

        var span = text[^1] switch
        {
            'd' => new OpenSloSpan(count, 0, false),
            'w' => new OpenSloSpan(count * 7, 0, false),
            'M' => new OpenSloSpan(0, count, false),
            'm' => new OpenSloSpan(0, count, true),
            'Q' => new OpenSloSpan(0, count * 3, false),
            'Y' => new OpenSloSpan(0, count * 12, false),
            _ => new OpenSloSpan(Hours(text) ?? 0, 0, false),
        };
        return span.Days is > 0 and <= DaysMax || span.Months is > 0 and <= MonthsMax ? new ScalarReading<OpenSloSpan>(span) : Bad;
    }

    private static ScalarReading<OpenSloSpan> Bad => new(default, "a duration of 1 to 366 days", "Write days or weeks, such as 28d or 4w, or 1M for a month of the calendar.");

    /// <summary>Whole days written otherwise, such as <c>48h</c>.</summary>
    private static int? Hours(string text) => DurationText.TryParse(text, out var span) && span.TotalDays is >= 1 and <= DaysMax && span.Ticks % TimeSpan.TicksPerDay == 0 ? (int)span.TotalDays : null;
}
