using System.Text;

namespace Trunkline.Server.Traffic;

/// <summary>Texts without what stands in them, for examples.</summary>
internal static class MaskedText
{
    private const int LengthMax = 40;

    /// <summary>A text of the same shape: letters and digits become one letter and one digit each; what is long is cut.</summary>
    public static string Of(string text)
    {
        var masked = new StringBuilder(LengthMax + 1);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, LengthMax)))
        {
            masked.Append(char.IsDigit(c) ? '9' : char.IsUpper(c) ? 'A' : char.IsLetter(c) || c > '~' || char.IsControl(c) ? 'a' : c);
        }

        return text.Length > LengthMax ? masked.Append('…').ToString() : masked.ToString();
    }

    /// <summary>A text of the same form, such as a date for a date, else of the same shape.</summary>
    public static string InForm(string text) => TextForms.Of(text) switch
    {
        TextForm.Date => "2000-01-01",
        TextForm.DateTime => "2000-01-01T00:00:00Z",
        TextForm.Uuid => "00000000-0000-4000-8000-000000000000",
        TextForm.Email => "someone@example.com",
        TextForm.Uri => "https://example.com/",
        _ => Of(text),
    };
}
