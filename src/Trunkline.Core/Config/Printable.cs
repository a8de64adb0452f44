using System.Text;

namespace Trunkline.Core.Config;

/// <summary>Makes foreign text fit for a message: short, on one line, without control or direction-changing characters.</summary>
public static class Printable
{
    /// <summary>The text, at most <paramref name="charactersMax"/> characters, with what cannot be shown as <c>\u….</c></summary>
    public static string Show(string text, int charactersMax = 60)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= charactersMax)
            {
                return shown.Append('…').ToString();
            }

            var category = Rune.GetUnicodeCategory(rune);
            if (category is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator
                or System.Globalization.UnicodeCategory.Surrogate or System.Globalization.UnicodeCategory.OtherNotAssigned)
            {
                shown.Append(FormattableString.Invariant($"\\u{rune.Value:x4}"));
            }
            else
            {
                shown.Append(rune.ToString());
            }
        }

        return shown.ToString();
    }
}
