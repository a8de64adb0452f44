using System.Globalization;
using System.Text;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary>Regular expressions of ECMAScript in the notation of .NET, where the two differ.</summary>
internal static class EcmaPattern
{
    private const string Space = @"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";

    private static readonly Dictionary<string, string> s_categories = new(StringComparer.Ordinal)
    {
        ["Letter"] = "L",
        ["Lowercase_Letter"] = "Ll",
        ["Uppercase_Letter"] = "Lu",
        ["Titlecase_Letter"] = "Lt",
        ["Modifier_Letter"] = "Lm",
        ["Other_Letter"] = "Lo",
        ["Mark"] = "M",
        ["Nonspacing_Mark"] = "Mn",
        ["Spacing_Mark"] = "Mc",
        ["Enclosing_Mark"] = "Me",
        ["Number"] = "N",
        ["Decimal_Number"] = "Nd",
        ["digit"] = "Nd",
        ["Letter_Number"] = "Nl",
        ["Other_Number"] = "No",
        ["Punctuation"] = "P",
        ["punct"] = "P",
        ["Connector_Punctuation"] = "Pc",
        ["Dash_Punctuation"] = "Pd",
        ["Open_Punctuation"] = "Ps",
        ["Close_Punctuation"] = "Pe",
        ["Initial_Punctuation"] = "Pi",
        ["Final_Punctuation"] = "Pf",
        ["Other_Punctuation"] = "Po",
        ["Symbol"] = "S",
        ["Math_Symbol"] = "Sm",
        ["Currency_Symbol"] = "Sc",
        ["Modifier_Symbol"] = "Sk",
        ["Other_Symbol"] = "So",
        ["Separator"] = "Z",
        ["Space_Separator"] = "Zs",
        ["Line_Separator"] = "Zl",
        ["Paragraph_Separator"] = "Zp",
        ["Other"] = "C",
        ["Control"] = "Cc",
        ["cntrl"] = "Cc",
        ["Format"] = "Cf",
        ["Surrogate"] = "Cs",
        ["Private_Use"] = "Co",
        ["Unassigned"] = "Cn",
    };

    /// <summary>The pattern for .NET.</summary>
    /// <exception cref="ArgumentException">It is none, or cannot be said in .NET.</exception>
    public static string Translate(string pattern)
    {
        var into = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var c = pattern[at];
            if (c == '\\')
            {
                at = Escape(pattern, at, inClass, into);
            }
            else if (inClass)
            {
                inClass = c != ']';
                into.Append(c == '[' ? @"\[" : c.ToString());
            }
            else if (c == '[')
            {
                at = OpenClass(pattern, at, into, out inClass);
            }
            else
            {
                into.Append(c switch
                {
                    '$' => @"\z",
                    '.' => @"[^\n\r\u2028\u2029]",
                    '(' when IsForeignGroup(pattern, at) => throw new ArgumentException("a group ECMAScript does not have"),
                    _ => c.ToString(),
                });
            }
        }

        return into.ToString();
    }

    private static bool IsForeignGroup(string pattern, int at) =>
        at + 2 < pattern.Length && pattern[at + 1] == '?' && pattern[at + 2] is not (':' or '=' or '!' or '<');

    private static int OpenClass(string pattern, int at, StringBuilder into, out bool inClass)
    {
        var negated = at + 1 < pattern.Length && pattern[at + 1] == '^';
        var first = at + (negated ? 2 : 1);
        inClass = first >= pattern.Length || pattern[first] != ']';
        into.Append(inClass ? (negated ? "[^" : "[") : negated ? @"[\s\S]" : "(?!)");
        return inClass ? first - 1 : first;
    }

    private static int Escape(string pattern, int at, bool inClass, StringBuilder into)
    {
        if (at + 1 == pattern.Length)
        {
            throw new ArgumentException("ends with a backslash");
        }

        var c = pattern[at + 1];
        switch (c)
        {
            case 'd':
                into.Append(inClass ? "0-9" : "[0-9]");
                return at + 1;
            case 'D' when !inClass:
                into.Append("[^0-9]");
                return at + 1;
            case 'w':
                into.Append(inClass ? "a-zA-Z0-9_" : "[a-zA-Z0-9_]");
                return at + 1;
            case 'W' when !inClass:
                into.Append("[^a-zA-Z0-9_]");
                return at + 1;
            case 's':
                into.Append(inClass ? Space : $"[{Space}]");
                return at + 1;
            case 'S' when !inClass:
                into.Append(CultureInfo.InvariantCulture, $"[^{Space}]");
                return at + 1;
            case 'p' or 'P' when at + 2 < pattern.Length && pattern[at + 2] == '{':
                return Category(pattern, at, into);
            case 'u' when at + 2 < pattern.Length && pattern[at + 2] == '{':
                return CodePoint(pattern, at, into);
            case 'A' or 'Z' or 'z' or 'G' or 'a' or 'e':
                throw new ArgumentException("an escape ECMAScript does not have");
            case '/' or '-' when !inClass:
                into.Append(c);
                return at + 1;
            default:
                into.Append('\\').Append(c);
                return at + 1;
        }
    }

    private static int Category(string pattern, int at, StringBuilder into)
    {
        var end = pattern.IndexOf('}', at);
        var name = end < 0 ? throw new ArgumentException("an open brace") : pattern[(at + 3)..end];
        name = name.StartsWith("General_Category=", StringComparison.Ordinal) || name.StartsWith("gc=", StringComparison.Ordinal)
            ? name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..]
            : name;
        into.Append('\\').Append(pattern[at + 1]).Append('{').Append(s_categories.GetValueOrDefault(name, name)).Append('}');
        return end;
    }

    private static int CodePoint(string pattern, int at, StringBuilder into)
    {
        var end = pattern.IndexOf('}', at);
        if (end < 0 || !Rune.TryCreate(int.TryParse(pattern.AsSpan(at + 3, end - at - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? code : -1, out var rune))
        {
            throw new ArgumentException("no code point");
        }

        foreach (var unit in rune.ToString())
        {
            into.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }

        return end;
    }
}
