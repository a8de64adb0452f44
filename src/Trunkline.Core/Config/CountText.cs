using System.Globalization;

namespace Trunkline.Core.Config;

/// <summary>Counts of things as people read them. Thread-safe.</summary>
public static class CountText
{
    /// <summary>Such as <c>1 fault</c> and <c>1,204 faults</c>; the noun's plural takes an s.</summary>
    public static string Of(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
