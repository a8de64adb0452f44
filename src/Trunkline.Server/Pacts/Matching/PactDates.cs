using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>Formats of dates and times as pacts write them (those of Java), as expressions that cannot run away.</summary>
internal static class PactDates
{
    private const int KnownMax = 256;
    private const int LengthMax = 200;

    private static readonly ConcurrentDictionary<string, Regex> s_known = new(StringComparer.Ordinal);

    /// <summary>Whether a text has a format.</summary>
    public static bool Fits(string format, string text)
    {
        if (format.Length > LengthMax || text.Length > LengthMax)
        {
            return false;
        }

        if (s_known.Count > KnownMax)
        {
            s_known.Clear();
        }

        return s_known.GetOrAdd(format, static one => new Regex(@"\A" + Pattern(one) + @"\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)).IsMatch(text);
    }

    private static string Pattern(string format)
    {
        var pattern = new StringBuilder();
        for (var at = 0; at < format.Length;)
        {
            var c = format[at];
            if (c == '\'')
            {
                at = Quoted(format, at, pattern);
                continue;
            }

            var end = at;
            while (end < format.Length && format[end] == c)
            {
                end++;
            }

            pattern.Append(char.IsAsciiLetter(c) ? Letter(c, end - at) : Regex.Escape(format[at..end]));
            at = end;
        }

        return pattern.ToString();
    }

    /// <summary>A text in quotes stands for itself; two quotes for one.</summary>
    private static int Quoted(string format, int at, StringBuilder pattern)
    {
        var close = format.IndexOf('\'', at + 1);
        close = close < 0 ? format.Length : close;
        pattern.Append(close == at + 1 ? "'" : Regex.Escape(format[(at + 1)..close]));
        return Math.Min(close + 1, format.Length);
    }

    private static string Letter(char letter, int count) => letter switch
    {
        'y' or 'u' or 'Y' => count == 2 ? "[0-9]{2}" : $"[0-9]{{{Math.Max(count, 4)},9}}",
        'M' or 'L' => count switch { 1 => "(?:0?[1-9]|1[0-2])", 2 => "(?:0[1-9]|1[0-2])", 3 => "(?i:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)", _ => "(?i:january|february|march|april|may|june|july|august|september|october|november|december)" },
        'd' => count == 1 ? "(?:0?[1-9]|[12][0-9]|3[01])" : "(?:0[1-9]|[12][0-9]|3[01])",
        'D' => "[0-9]{1,3}",
        'E' or 'e' or 'c' => count <= 3 ? "(?i:mon|tue|wed|thu|fri|sat|sun)" : "(?i:monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
        'H' => count == 1 ? "(?:[01]?[0-9]|2[0-3])" : "(?:[01][0-9]|2[0-3])",
        'h' or 'K' => count == 1 ? "(?:0?[0-9]|1[0-2])" : "(?:0[0-9]|1[0-2])",
        'k' => count == 1 ? "(?:[01]?[0-9]|2[0-4])" : "(?:[01][0-9]|2[0-4])",
        'm' => count == 1 ? "[0-5]?[0-9]" : "[0-5][0-9]",
        's' => count == 1 ? "(?:[0-5]?[0-9]|60)" : "(?:[0-5][0-9]|60)",
        'S' or 'n' or 'A' => $"[0-9]{{{count}{(count == 1 ? ",9" : "")}}}",
        'a' => "(?i:am|pm)",
        'X' => count switch { 1 => "(?:Z|[+-][0-9]{2}(?:[0-9]{2})?)", 2 => "(?:Z|[+-][0-9]{4})", _ => "(?:Z|[+-][0-9]{2}:[0-9]{2})" },
        'x' => count switch { 1 => "[+-][0-9]{2}(?:[0-9]{2})?", 2 => "[+-][0-9]{4}", _ => "[+-][0-9]{2}:[0-9]{2}" },
        'Z' => count >= 5 ? "(?:Z|[+-][0-9]{2}:[0-9]{2})" : count == 4 ? "GMT(?:[+-][0-9]{2}:[0-9]{2})?" : "[+-][0-9]{4}",
        'z' or 'O' or 'V' or 'v' => "[A-Za-z][A-Za-z0-9/_+:-]*",
        'G' => "(?:AD|BC)",
        _ => $"[0-9]{{{count},}}",
    };
}
