using System.Text.Encodings.Web;
using System.Text.Json;
using Trunkline.Server.Schemas.Json.Checks;

namespace Trunkline.Server.Schemas.Json.Counterexamples;

/// <summary>A string of some length, with and without patterns and formats.</summary>
internal sealed class StringCase(IReadOnlyList<Demand> demands)
{
    private const int LengthMax = 10_000;
    private static readonly string[] s_formats =
        ["2020-01-02", "2020-01-02T03:04:05Z", "03:04:05Z", "P1D", "a@example.com", "example.com", "127.0.0.1", "::1", "http://example.com/a", "/a", "a/b", "0f0c2a52-9a2b-4b53-8a51-000000000001", "^a$", "{a}"];

    /// <summary>A string, or the proof that there is none.</summary>
    public Finding Decide(Question question)
    {
        var (least, most) = Lengths();
        if (least > most || Contradicts())
        {
            return Finding.None;
        }

        if (most == 0)
        {
            return question.FirstOf(["\"\""], Finding.None);
        }

        var patterns = demands.Select(demand => demand.Check).OfType<PatternCheck>().Select(check => check.Pattern.Shown);
        var formats = demands.Any(demand => demand.Check is FormatCheck) ? s_formats : [];
        return least > LengthMax ? Finding.Unknown : question.FirstOf(
            Samples.Texts(patterns).Concat(formats).Select(text => Fit(text, (int)least, most)).Distinct(StringComparer.Ordinal).Select(Json), Finding.Unknown);
    }

    /// <summary>A text as JSON.</summary>
    public static string Json(string text) => "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";

    private (long Least, long Most) Lengths()
    {
        var (least, most) = (0L, long.MaxValue);
        foreach (var (way, check) in demands.Where(demand => demand.Check is LengthCheck).Select(demand => (demand.Way, (LengthCheck)demand.Check!)))
        {
            least = Math.Max(least, way switch { Way.Holds => check.Least, Way.AboveMost => check.Most + 1, _ => 0 });
            most = Math.Min(most, way switch { Way.Holds => check.Most, Way.BelowLeast => check.Least - 1, _ => long.MaxValue });
        }

        return (least, most);
    }

    /// <summary>True if the same pattern or format is asked for and excluded.</summary>
    private bool Contradicts()
    {
        var asked = demands.Where(demand => demand.Way == Way.Holds).Select(Subject).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return demands.Any(demand => demand.Way == Way.Fails && Subject(demand) is { } subject && asked.Contains(subject));
    }

    private static string? Subject(Demand demand) => demand.Check switch { PatternCheck pattern => "pattern " + pattern.Pattern.Shown, FormatCheck format => "format " + format.Format, _ => null };

    private static string Fit(string text, int least, long most) => text.Length > most ? text[..(int)most] : text.Length < least ? text.PadRight(least, text.Length > 0 ? text[^1] : 'a') : text;
}
