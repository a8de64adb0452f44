using System.Globalization;
using System.Text;

namespace Trunkline.Dashboard.Data;

/// <summary>Numbers, sizes and times as people read them at a glance.</summary>
internal static class Readable
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB", "PB"];

    public static string Count(long number) => number < 10_000_000
        ? number.ToString("N0", CultureInfo.InvariantCulture)
        : (number / 1e6).ToString("N1", CultureInfo.InvariantCulture) + " M";

    public static string Rate(double? perSecond) => perSecond switch
    {
        null => "–",
        0 => "0",
        < 10 => perSecond.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => perSecond.Value.ToString("N0", CultureInfo.InvariantCulture),
    };

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

    /// <summary>How long ago: two seconds are "now".</summary>
    public static string Ago(DateTimeOffset? time, DateTimeOffset now) => time is null ? "never" : (now - time.Value) switch
    {
        { TotalSeconds: < 2 } => "now",
        var age => Span(age) + " ago",
    };

    /// <summary>A time that was measured, in its fitting unit.</summary>
    public static string Time(double? ms) => ms switch
    {
        null => "–",
        < 1 => ms.Value.ToString("0.##", CultureInfo.InvariantCulture) + " ms",
        < 999.5 => ms.Value.ToString("0", CultureInfo.InvariantCulture) + " ms",
        < 99_950 => (ms.Value / 1000).ToString("0.#", CultureInfo.InvariantCulture) + " s",
        _ => Span(TimeSpan.FromMilliseconds(Math.Min(ms.Value, TimeSpan.MaxValue.TotalMilliseconds / 2))),
    };

    /// <summary>The same.</summary>
    public static string Time(TimeSpan span) => Time(span.TotalMilliseconds);

    /// <summary>A length of time, rounded down to its unit.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } and { TotalMilliseconds: >= 1 } => Whole(span.TotalMilliseconds, "ms"),
        { TotalMinutes: < 1 } => Whole(span.TotalSeconds, "s"),
        { TotalHours: < 1 } => Whole(span.TotalMinutes, "min"),
        { TotalDays: < 2 } => Whole(span.TotalHours, "h"),
        _ => Whole(span.TotalDays, "d"),
    };

    /// <summary>In percent, rounded down: what is not whole must not look whole.</summary>
    public static string Share(double? share) => share is { } part ? (Math.Floor(part * 10_000) / 100).ToString("0.00", CultureInfo.InvariantCulture) + " %" : "–";

    /// <summary>The same to the thousandth of a percent: where 99.9 and 99.99 are different promises.</summary>
    public static string Exactly(double? share) => share is { } part ? (Math.Floor((part * 100_000) + 1e-6) / 1000).ToString("0.###", CultureInfo.InvariantCulture) + " %" : "–";

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The beginning of a long text, without marks that hide or turn other text; whoever shows it gives the whole as a title.</summary>
    public static string Short(string text, int max)
    {
        var safe = Safe(text);
        return safe.Length <= max ? safe : string.Concat(safe.AsSpan(0, char.IsHighSurrogate(safe[max - 2]) ? max - 2 : max - 1), "…");
    }

    /// <summary>Text without marks that hide or turn other text.</summary>
    public static string Safe(string text) => Shown(text, "");

    /// <summary>The same of several lines.</summary>
    public static string SafeLines(string text) => Shown(text, "\r\n\t");

    private static string Shown(string text, string kept) => IsPlain(text) ? text : string.Concat(text.EnumerateRunes().Select(rune =>
        Hides(Rune.GetUnicodeCategory(rune)) && !(rune.IsBmp && kept.Contains((char)rune.Value))
            ? string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}")
            : rune.ToString()));

    /// <summary>True for nearly all text; a page has thousands of texts.</summary>
    private static bool IsPlain(string text)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or > '~' && Hides(CharUnicodeInfo.GetUnicodeCategory(c)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Hides(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned;

    private static string Whole(double amount, string unit) => Math.Floor(amount).ToString("0", CultureInfo.InvariantCulture) + " " + unit;
}
