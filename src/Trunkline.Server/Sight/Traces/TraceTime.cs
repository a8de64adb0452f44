namespace Trunkline.Server.Sight.Traces;

/// <summary>The nanoseconds since 1970 that spans tell.</summary>
internal static class TraceTime
{
    /// <summary>As nanoseconds.</summary>
    public static long Of(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>As a time; what is below 100 ns is lost.</summary>
    public static DateTimeOffset Of(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);

    /// <summary>A length in milliseconds, to the microsecond.</summary>
    public static double Milliseconds(long nanoseconds) => Math.Round(nanoseconds / 1e6, 3);
}
