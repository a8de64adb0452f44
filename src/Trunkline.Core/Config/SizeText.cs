using System.Globalization;

namespace Trunkline.Core.Config;

/// <summary>
/// Sizes as configuration files write them: a number and <c>B</c>, <c>KB MB GB TB</c> (powers of 1000) or
/// <c>KiB MiB GiB TiB</c> (powers of 1024).
/// </summary>
public static class SizeText
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("TB", 1_000_000_000_000), ("GiB", 1L << 30), ("GB", 1_000_000_000),
        ("MiB", 1L << 20), ("MB", 1_000_000), ("KiB", 1L << 10), ("KB", 1000), ("B", 1),
    ];

    /// <summary>Reads <c>1GB</c>, <c>64MiB</c>, <c>1.5KB</c>; a result that is no whole number of bytes is refused.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var digits = NumberText.Length(text);
        if (digits == 0 || !decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = text[digits..].TrimStart(' ');
        var factor = Units.FirstOrDefault(u => u.Unit == unit).Bytes;
        if (factor == 0 || number > long.MaxValue / factor || number * factor != decimal.Truncate(number * factor))
        {
            return false;
        }

        bytes = (long)(number * factor);
        return true;
    }

    /// <summary>Writes a size in the largest unit that needs no fraction.</summary>
    public static string Format(long bytes)
    {
        var (unit, factor) = bytes == 0 ? ("B", 1) : Units.First(u => bytes % u.Bytes == 0);
        return (bytes / factor).ToString(CultureInfo.InvariantCulture) + unit;
    }
}
