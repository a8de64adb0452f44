using System.Globalization;

namespace Trunkline.Server.Traffic;

/// <summary>What a text looks like.</summary>
internal enum TextForm
{
    Other,
    Empty,
    DateTime,
    Date,
    Uuid,
    Email,
    Uri,
    Number,

    /// <summary>What floating-point numbers have that JSON has no number for.</summary>
    NoNumber,
}

/// <summary>Tells forms of texts. Never backtracks; what is long is not looked at.</summary>
internal static class TextForms
{
    private const int LengthMax = 300;

    /// <summary>The form's name in JSON Schema; null for one that has none.</summary>
    public static string? FormatOf(TextForm form) => form switch
    {
        TextForm.DateTime => "date-time",
        TextForm.Date => "date",
        TextForm.Uuid => "uuid",
        TextForm.Email => "email",
        TextForm.Uri => "uri",
        _ => null,
    };

    /// <summary>The form in words.</summary>
    public static string Name(TextForm form) => FormatOf(form) ?? (form == TextForm.Other ? "text" : form.ToString().ToLowerInvariant());

    /// <summary>The form of a text.</summary>
    public static TextForm Of(string text)
    {
        if (text.Length == 0)
        {
            return TextForm.Empty;
        }

        if (text.Length > LengthMax)
        {
            return TextForm.Other;
        }

        if (text is "NaN" or "Infinity" or "-Infinity")
        {
            return TextForm.NoNumber;
        }

        return char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' ? OfDigits(text) : Guid.TryParseExact(text, "D", out _) ? TextForm.Uuid : OfWords(text);
    }

    private static TextForm OfDigits(string text)
    {
        if (text.Length == 10 && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            return TextForm.Date;
        }

        if (text.Length >= 16 && text[4] == '-' && text[10] is 'T' or 't' or ' ' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _))
        {
            return TextForm.DateTime;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? TextForm.Number
            : Guid.TryParseExact(text, "D", out _) ? TextForm.Uuid
            : OfWords(text);
    }

    private static TextForm OfWords(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at > 0 && at == text.LastIndexOf('@') && text.IndexOf('.', at) > at + 1 && !text.AsSpan().ContainsAny(" <>,;"))
        {
            return TextForm.Email;
        }

        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        return scheme is > 0 and < 12 && !text.Contains(' ', StringComparison.Ordinal) && text.AsSpan(0, scheme).IndexOfAnyExceptInRange('a', 'z') < 0 ? TextForm.Uri : TextForm.Other;
    }
}
