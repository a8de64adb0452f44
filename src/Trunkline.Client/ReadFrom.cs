using System.Globalization;

namespace Trunkline.Client;

/// <summary>Where reading without a group begins. Immutable.</summary>
public sealed record ReadFrom
{
    private ReadFrom(string query) => Query = query;

    /// <summary>The oldest message held, in all partitions.</summary>
    public static ReadFrom Earliest { get; } = new("from=earliest");

    /// <summary>The end: only what comes.</summary>
    public static ReadFrom Latest { get; } = new("from=latest");

    internal string Query { get; }

    /// <summary>The oldest message of one partition.</summary>
    /// <param name="partition">Zero-based.</param>
    public static ReadFrom Partition(int partition) => new(string.Create(CultureInfo.InvariantCulture, $"from=earliest&partition={partition}"));

    /// <summary>An offset in a partition.</summary>
    /// <param name="partition">Zero-based.</param>
    /// <param name="offset">Zero-based.</param>
    public static ReadFrom Offset(int partition, long offset) => new(string.Create(CultureInfo.InvariantCulture, $"partition={partition}&offset={offset}"));

    /// <summary>The first message appended at or after a time.</summary>
    /// <param name="time">The time.</param>
    /// <param name="partition">Only this partition; null for all.</param>
    public static ReadFrom Time(DateTimeOffset time, int? partition = null) => new(
        $"time={Uri.EscapeDataString(time.UtcDateTime.ToString("o", CultureInfo.InvariantCulture))}"
        + (partition is null ? "" : string.Create(CultureInfo.InvariantCulture, $"&partition={partition}")));

    internal string ToQuery(int limit)
    {
        // Pages begin at the oldest message unless told otherwise, so 'from' says nothing there.
        var query = Query.Replace("from=earliest", "", StringComparison.Ordinal).TrimStart('&');
        return string.Create(CultureInfo.InvariantCulture, $"?{query}{(query.Length > 0 ? "&" : "")}limit={limit}");
    }
}
