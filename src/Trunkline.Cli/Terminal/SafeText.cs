using System.Globalization;
using System.Text;

namespace Trunkline.Cli.Terminal;

/// <summary>
/// Makes text from outside harmless for a terminal. Payloads, names and error texts can hold escape sequences that move the
/// cursor, rename the window or answer questions on the user's behalf, and direction marks that show a name backwards.
/// </summary>
internal static class SafeText
{
    /// <summary>One line: control, direction and unassigned characters become <c>\u{…}</c>, line ends <c>\n</c>, tabs <c>\t</c>.</summary>
    /// <param name="text">The text; null gives an empty one.</param>
    /// <param name="charactersMax">Longer text is cut, and ends in an ellipsis.</param>
    public static string Line(string? text, int charactersMax = int.MaxValue)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var safe = new StringBuilder(Math.Min(text.Length, charactersMax));
        foreach (var rune in text.EnumerateRunes())
        {
            if (safe.Length >= charactersMax)
            {
                safe.Append('…');
                break;
            }

            Append(safe, rune);
        }

        return safe.ToString();
    }

    private static void Append(StringBuilder safe, Rune rune)
    {
        switch (rune.Value)
        {
            case '\n':
                safe.Append("\\n");
                return;
            case '\r':
                safe.Append("\\r");
                return;
            case '\t':
                safe.Append("\\t");
                return;
        }

        var harmless = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
        if (harmless)
        {
            safe.Append(rune.ToString());
        }
        else
        {
            safe.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }
    }
}
