using System.Globalization;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>Times for people.</summary>
internal static class Readable
{
    public static string Seconds(double seconds) => seconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.#} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s");
}
