using System.Diagnostics;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Tests.Sight.Traces;

/// <summary>Spans of services that are not there.</summary>
internal static class SampleSpans
{
    /// <summary>A span of a trace of its own, a second before 2027-01-15 08:00 UTC.</summary>
    public static TraceSpan Of(string service, string name) => new()
    {
        Trace = ActivityTraceId.CreateRandom().ToHexString(),
        Id = ActivitySpanId.CreateRandom().ToHexString(),
        Name = name,
        Service = service,
        Start = 1_799_999_999_000_000_000,
        End = 1_800_000_000_000_000_000,
    };

    /// <summary>One that ended now.</summary>
    public static TraceSpan Now(string service) => Of(service, "now") with { Start = TraceTime.Of(TimeProvider.System.GetUtcNow()) - 1000, End = TraceTime.Of(TimeProvider.System.GetUtcNow()) };
}
