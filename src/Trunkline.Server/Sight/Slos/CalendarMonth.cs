using System.Globalization;

namespace Trunkline.Server.Sight.Slos;

/// <summary>A month of the calendar, in UTC.</summary>
internal readonly record struct CalendarMonth(int Year, int Month)
{
    private const string Form = "yyyy-MM";

    public DateTimeOffset From => new(Year, Month, 1, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset Until => From.AddMonths(1);

    /// <summary>The month a time is in.</summary>
    public static CalendarMonth Of(DateTimeOffset at) => new(at.UtcDateTime.Year, at.UtcDateTime.Month);

    /// <summary>Reads <c>2026-02</c>; null for anything else.</summary>
    public static CalendarMonth? Read(string text) =>
        DateTime.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) ? new CalendarMonth(month.Year, month.Month) : null;

    /// <summary>Its days that have begun, as of a moment.</summary>
    public IEnumerable<DateTimeOffset> Days(DateTimeOffset now)
    {
        for (var day = From; day < Until && day <= now; day = day.AddDays(1))
        {
            yield return day;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => From.ToString(Form, CultureInfo.InvariantCulture);
}
