using System.Globalization;
using System.Text.RegularExpressions;

namespace Trunkline.Server.Schemas.Json.Formats;

/// <summary>Dates, times and durations of RFC 3339.</summary>
internal static partial class TimeFormats
{
    /// <summary><c>2026-01-31T10:00:00Z</c>.</summary>
    public static bool IsDateTime(string text) => text.Length > 11 && text[10] is 'T' or 't' && IsDate(text[..10]) && IsTime(text[11..]);

    /// <summary><c>2026-01-31</c>.</summary>
    public static bool IsDate(string text) => text.Length == 10 && text.All(char.IsAscii) && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary><c>10:00:00.5+01:00</c>; a leap second only where there can be one.</summary>
    public static bool IsTime(string text)
    {
        if (Time().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var (hour, minute, second) = (Part(match, 1), Part(match, 2), Part(match, 3));
        var (awayHours, awayMinutes) = (Part(match, 5), Part(match, 6));
        if (hour > 23 || minute > 59 || second > 60 || awayHours > 23 || awayMinutes > 59)
        {
            return false;
        }

        var away = ((awayHours * 60) + awayMinutes) * (match.Groups[4].Value == "-" ? -1 : 1);
        return second < 60 || (((hour * 60) + minute - away + 2880) % 1440) == 1439;
    }

    /// <summary><c>P3DT4H</c>, <c>P2W</c>.</summary>
    public static bool IsDuration(string text) => Duration().IsMatch(text);

    private static int Part(Match match, int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[zZ]|([+-])([0-9]{2}):([0-9]{2}))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Time();

    [GeneratedRegex(@"^P(?:[0-9]+W|(?=[0-9T])(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
