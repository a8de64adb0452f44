using System.Globalization;
using System.Text;

namespace Trunkline.Server.Expressions;

/// <summary>The value of a JSON number's text, exact: sign, significant digits without zeros at either end, power of ten.</summary>
/// <param name="Negative">Below zero.</param>
/// <param name="Digits">Significant digits; empty for zero.</param>
/// <param name="Exponent">Power of ten of the last digit.</param>
internal readonly record struct ExactDecimal(bool Negative, string Digits, long Exponent)
{
    // From 10^21 on JavaScript writes numbers with an exponent, so their digits no longer claim to be exact.
    private const int IntegerDigitsMax = 21;

    /// <summary>Reads valid JSON number text.</summary>
    public static ExactDecimal Parse(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == (byte)'-';
        var mantissa = negative ? text[1..] : text;
        long exponent = 0;
        var e = mantissa.IndexOfAny((byte)'e', (byte)'E');
        if (e >= 0)
        {
            // An exponent that does not fit a long is beyond every double as well; the digits of the value do not matter then.
            exponent = long.TryParse(mantissa[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var told)
                ? Math.Clamp(told, int.MinValue, int.MaxValue)
                : int.MaxValue;
            mantissa = mantissa[..e];
        }

        var dot = mantissa.IndexOf((byte)'.');
        var digits = Encoding.ASCII.GetString(mantissa);
        if (dot >= 0)
        {
            exponent -= mantissa.Length - dot - 1;
            digits = digits.Remove(dot, 1);
        }

        var significant = digits.TrimStart('0').TrimEnd('0');
        exponent += digits.Length - digits.TrimEnd('0').Length;
        return significant.Length == 0 ? new(negative, "", 0) : new(negative, significant, exponent);
    }

    /// <summary>The plain digits, if the value is an integer below 10^21.</summary>
    public bool TryGetInteger(out string digits)
    {
        var isInteger = Exponent >= 0 && Digits.Length + Exponent <= IntegerDigitsMax;
        digits = isInteger ? (Negative ? "-" : "") + Digits + new string('0', (int)Exponent) : "";
        return isInteger;
    }
}
