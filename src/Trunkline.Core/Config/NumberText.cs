namespace Trunkline.Core.Config;

/// <summary>The number at the start of a duration or size.</summary>
internal static class NumberText
{
    /// <summary>Length of the leading <c>digits[.digits]</c>, 0 if there is none or it is longer than 18 characters.</summary>
    public static int Length(string text)
    {
        var at = Digits(text, 0);
        if (at > 0 && at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
        {
            at = Digits(text, at + 1);
        }

        return at > 18 ? 0 : at;
    }

    private static int Digits(string text, int from)
    {
        while (from < text.Length && char.IsAsciiDigit(text[from]))
        {
            from++;
        }

        return from;
    }
}
