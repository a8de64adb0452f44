using System.Buffers.Text;
using System.Globalization;
using Jint.Native;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>Numbers of a message, read and written as <see cref="JsonInput"/> and <see cref="JsonOutput"/> do, where that is simple.</summary>
internal static class JsonNumbers
{
    /// <summary>The largest integer below which every integer is exact.</summary>
    public const double SafeMax = 9007199254740991;

    private const int SmallCharsMax = 15;
    private const int DigitsMax = 1000;
    private const int DecimalsBeforeExponent = 6;

    /// <summary>
    /// True if the text is a number whatever is done with it: an integer, or a fraction without an exponent whose size no double
    /// changes. The others are rare; some are not allowed at all.
    /// </summary>
    public static bool IsSimple(ReadOnlySpan<byte> text)
    {
        var dot = text.IndexOfAny((byte)'.', (byte)'e', (byte)'E');
        return dot < 0
            ? text.Length <= DigitsMax
            : text[dot] == (byte)'.' && dot <= SmallCharsMax && text.Length <= DigitsMax && text[dot..].IndexOfAny((byte)'e', (byte)'E') < 0;
    }

    /// <summary>The value of a simple number; false if it is an integer past 2^53.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out double number)
    {
        if (text.Length <= SmallCharsMax && text.IndexOf((byte)'.') < 0)
        {
            _ = Utf8Parser.TryParse(text, out long small, out _);
            number = small == 0 && text[0] == (byte)'-' ? -0.0 : small;
            return true;
        }

        number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return Math.Abs(number) <= SafeMax;
    }

    /// <summary>Writes a simple number of the message: an integer stays as it is, a fraction becomes the shortest text of its double.</summary>
    public static void Copy(ReadOnlySpan<byte> text, JsonBuffer into)
    {
        var dot = text.IndexOf((byte)'.');
        if (dot < 0 || IsShortest(text, dot))
        {
            into.Add(text);
            return;
        }

        _ = TryRead(text, out var number);
        Write(number, into);
    }

    /// <summary>Writes a number; false if it has no exact JSON form.</summary>
    public static bool TryWrite(double number, JsonBuffer into)
    {
        // Past 2^53 an integer is no longer exact, and far above it the engine's own rules begin.
        if (!(Math.Abs(number) <= SafeMax))
        {
            return false;
        }

        Write(number, into);
        return true;
    }

    private static void Write(double number, JsonBuffer into)
    {
        if (Math.Floor(number) != number)
        {
            into.AddText(JsNumber.Create(number).ToString());
            return;
        }

        var whole = (long)number;
        if (whole == 0 && double.IsNegative(number))
        {
            into.Add((byte)'-');
        }

        Utf8Formatter.TryFormat(whole, into.Room(20), out var written);
        into.Advance(written);
    }

    // At most 15 digits tell doubles apart, so no shorter text has the same value, and from 0.000001 on no exponent is written.
    private static bool IsShortest(ReadOnlySpan<byte> text, int dot) =>
        text.Length <= SmallCharsMax && text[^1] != (byte)'0'
        && (text[dot - 1] != (byte)'0' || dot > 2 || text[(dot + 1)..Math.Min(text.Length, dot + 1 + DecimalsBeforeExponent)].IndexOfAnyExcept((byte)'0') >= 0);
}
