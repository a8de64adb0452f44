using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary>A regular expression of a schema. Whatever it is, time is bounded: without backtracking where possible, else with a limit.</summary>
internal sealed class SchemaPattern
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(200);

    private readonly Regex _regex;
    private readonly bool _bounded;

    private SchemaPattern(string shown, Regex regex, bool bounded) => (Shown, _regex, _bounded) = (shown, regex, bounded);

    /// <summary>The pattern as it stands in the schema.</summary>
    public string Shown { get; }

    /// <summary>Reads a pattern in ECMAScript's notation; null with what is wrong.</summary>
    public static SchemaPattern? Read(string pattern, out string? problem)
    {
        problem = null;
        try
        {
            var translated = EcmaPattern.Translate(pattern);
            try
            {
                return new(pattern, new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking), bounded: true);
            }
            catch (NotSupportedException)
            {
                // Look-around, back references, or too large for an automaton: allowed, against the clock.
                return new(pattern, new Regex(translated, RegexOptions.CultureInvariant, s_limit), bounded: false);
            }
        }
        catch (ArgumentException)
        {
            problem = "is no regular expression, or uses what is not supported";
            return null;
        }
    }

    /// <summary>True if it is found in a text; false also when time is over, and the check is given up then.</summary>
    public bool IsMatch(Evaluation run, string text)
    {
        if (_bounded)
        {
            return _regex.IsMatch(text);
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            var found = _regex.IsMatch(text);
            run.SpentInPattern(Stopwatch.GetElapsedTime(started), timedOut: false);
            return found;
        }
        catch (RegexMatchTimeoutException)
        {
            run.SpentInPattern(Stopwatch.GetElapsedTime(started), timedOut: true);
            return false;
        }
    }
}
