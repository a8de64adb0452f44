using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Schemas.Json.Values;

/// <summary>A number of a schema, to compare numbers of documents with: exact, whatever the size.</summary>
internal sealed class NumberBound
{
    private readonly long? _whole;
    private readonly double _near;
    private readonly ExactDecimal _exact;
    private readonly BigInteger _digits;

    /// <summary>A number from its JSON text.</summary>
    public NumberBound(ReadOnlySpan<byte> text)
    {
        _whole = Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length ? whole : null;
        _near = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        _exact = ExactDecimal.Parse(text);
        _digits = _exact.Digits.Length == 0 ? BigInteger.Zero : BigInteger.Parse(_exact.Digits, CultureInfo.InvariantCulture);
    }

    /// <summary>The number.</summary>
    public ExactDecimal Exact => _exact;

    /// <summary>True for a number without a fraction.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text) => text.IndexOfAny(".eE"u8) < 0 || ExactDecimal.Parse(text).Exponent >= 0;

    /// <summary>Below 0 if the number is less than the bound, above 0 if it is greater.</summary>
    public int Compare(ReadOnlySpan<byte> text)
    {
        if (_whole is { } bound && Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length)
        {
            return whole.CompareTo(bound);
        }

        // Rounding to a double never turns an order around, so only numbers that round to the same one need their digits.
        var near = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return near != _near ? near.CompareTo(_near) : Compare(ExactDecimal.Parse(text), _exact);
    }

    /// <summary>True if the number is a multiple of this one.</summary>
    public bool Divides(ReadOnlySpan<byte> text)
    {
        if (_whole is { } by and not 0 and not -1 && Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length)
        {
            return whole % by == 0;
        }

        var number = ExactDecimal.Parse(text);
        if (number.Digits.Length == 0 || _digits.IsZero)
        {
            return number.Digits.Length == 0;
        }

        var power = number.Exponent - _exact.Exponent;
        if (power < 0)
        {
            return false;
        }

        // digits × 10^power mod the bound's digits, without ever writing the power out: an exponent of a billion costs nothing.
        return (Remainder(number.Digits) * BigInteger.ModPow(10, power, _digits) % _digits).IsZero;
    }

    /// <summary>Compares two exact numbers.</summary>
    public static int Compare(ExactDecimal a, ExactDecimal b)
    {
        var (signA, signB) = (Sign(a), Sign(b));
        if (signA != signB || signA == 0)
        {
            return signA.CompareTo(signB);
        }

        var order = (a.Digits.Length + a.Exponent).CompareTo(b.Digits.Length + b.Exponent);
        return signA * (order != 0 ? order : string.CompareOrdinal(a.Digits, b.Digits));
    }

    private static int Sign(ExactDecimal number) => number.Digits.Length == 0 ? 0 : number.Negative ? -1 : 1;

    private BigInteger Remainder(string digits)
    {
        const int Chunk = 18;
        var rest = BigInteger.Zero;
        for (var at = 0; at < digits.Length; at += Chunk)
        {
            var part = digits.AsSpan(at, Math.Min(Chunk, digits.Length - at));
            rest = (rest * (long)Math.Pow(10, part.Length) + long.Parse(part, CultureInfo.InvariantCulture)) % _digits;
        }

        return rest;
    }
}
