using System.Globalization;

namespace Trunkline.Server.Schemas.Protobuf.Reading;

/// <summary>Numbers as .proto files write them.</summary>
internal static class ProtoNumbers
{
    /// <summary>The value of a digit, hexadecimal ones too; 99 for what is none.</summary>
    public static int Digit(char c) => char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;

    /// <summary>Reads a whole number without sign: decimal, 0x hexadecimal or 0 octal.</summary>
    public static bool TryInteger(string text, out ulong value)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        }

        if (text.Length > 1 && text[0] == '0')
        {
            value = 0;
            foreach (var c in text)
            {
                if (c is < '0' or > '7' || value > ulong.MaxValue >> 3)
                {
                    return false;
                }

                value = (value << 3) + (ulong)(c - '0');
            }

            return true;
        }

        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Reads a number with point or exponent, or a whole one too large for 64 bits.</summary>
    public static bool TryDecimal(string text, out double value)
    {
        var plain = text.EndsWith('f') || text.EndsWith('F') ? text[..^1] : text;
        return double.TryParse(plain, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
    }
}
