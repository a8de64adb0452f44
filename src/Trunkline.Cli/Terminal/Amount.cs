using System.Globalization;

namespace Trunkline.Cli.Terminal;

/// <summary>Numbers, sizes and times as people read them. JSON output carries the exact values.</summary>
internal static class Amount
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB", "PB"];

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Decimal units, one decimal below 100.</summary>
    public static string Bytes(long bytes)
    {
        double rest = bytes;
        var unit = 0;
        while (rest >= 999.5 && unit < Units.Length - 1)
        {
            rest /= 1000;
            unit++;
        }

        return rest.ToString(unit == 0 || rest >= 99.95 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public static string Rate(double? perSecond) => perSecond switch
    {
        null => "-",
        < 10 and > 0 => perSecond.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => perSecond.Value.ToString("N0", CultureInfo.InvariantCulture),
    };

    /// <summary>In percent, rounded down: what is not whole must not look whole.</summary>
    public static string Share(double? share) => share is { } part ? (Math.Floor((part * 100_000) + 1e-6) / 1000).ToString("0.###", CultureInfo.InvariantCulture) + " %" : "-";

    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>As the project file writes durations: the largest unit that leaves no rest.</summary>
    public static string Duration(TimeSpan duration)
    {
        (long Ticks, string Unit)[] units =
            [(TimeSpan.TicksPerDay, "d"), (TimeSpan.TicksPerHour, "h"), (TimeSpan.TicksPerMinute, "m"), (TimeSpan.TicksPerSecond, "s")];
        foreach (var (ticks, unit) in units)
        {
            if (duration.Ticks >= ticks && duration.Ticks % ticks == 0)
            {
                return (duration.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit;
            }
        }

        return duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms";
    }
}
