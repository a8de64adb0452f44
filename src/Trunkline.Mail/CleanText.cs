using System.Text;

namespace Trunkline.Mail;

/// <summary>Makes decoded text safe to store: no NUL, no lone surrogate, one kind of line end.</summary>
internal static class CleanText
{
    private const char Replacement = '\uFFFD';

    /// <summary>
    /// NUL and lone surrogates become U+FFFD, so that damage stays visible; CRLF and lone CR become LF. Text that needs nothing
    /// is returned as it is.
    /// </summary>
    public static string Of(string text)
    {
        var first = FirstUnclean(text);
        if (first < 0)
        {
            return text;
        }

        var clean = new StringBuilder(text.Length).Append(text, 0, first);
        for (var i = first; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\r')
            {
                clean.Append('\n');
                i += i + 1 < text.Length && text[i + 1] == '\n' ? 1 : 0;
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                clean.Append(c).Append(text[++i]);
            }
            else
            {
                clean.Append(c == '\0' || char.IsSurrogate(c) ? Replacement : c);
            }
        }

        return clean.ToString();
    }

    /// <summary>One line of at most <paramref name="lengthMax"/> characters, without control characters.</summary>
    public static string Line(string text, int lengthMax)
    {
        var clean = Of(text);
        var length = Math.Min(clean.Length, lengthMax);
        if (length < clean.Length && char.IsHighSurrogate(clean[length - 1]))
        {
            length--;
        }

        return string.Create(length, clean, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }).Trim();
    }

    private static int FirstUnclean(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '\0' or '\r' || char.IsSurrogate(text[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
