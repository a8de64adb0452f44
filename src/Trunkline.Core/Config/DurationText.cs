using System.Globalization;

namespace Trunkline.Core.Config;

/// <summary>Durations as configuration files write them: a number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</summary>
public static class DurationText
{
    /// <summary>The longest duration accepted: 36,500 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads <c>200ms</c>, <c>1.5s</c>, <c>7d</c>.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var digits = NumberText.Length(text);
        if (digits == 0 || !decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = text[digits..];
        var ticks = Units.FirstOrDefault(u => u.Unit == unit).Ticks;
        if (ticks == 0 || number > Longest.Ticks / ticks)
        {
            return false;
        }

        value = TimeSpan.FromTicks((long)(number * ticks));
        return true;
    }

    /// <summary>Writes a duration in the largest unit that needs no fraction.</summary>
    public static string Format(TimeSpan value)
    {
        var (unit, ticks) = value == TimeSpan.Zero ? ("s", TimeSpan.TicksPerSecond) : Units.FirstOrDefault(u => value.Ticks % u.Ticks == 0);
        return ticks == 0
            ? ((decimal)value.Ticks / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture) + "ms"
            : (value.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit;
    }
}
