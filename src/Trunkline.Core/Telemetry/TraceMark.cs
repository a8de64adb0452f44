using System.Buffers.Binary;
using System.Diagnostics;

namespace Trunkline.Core.Telemetry;

/// <summary>As much of a trace context as decides whether the trace is recorded.</summary>
/// <param name="Half">The first half of the trace's id.</param>
/// <param name="IsSampled">Whether whoever began it has sampled it.</param>
public readonly record struct TraceMark(ulong Half, bool IsSampled)
{
    /// <summary>The mark of a context.</summary>
    /// <param name="context">The context.</param>
    public static TraceMark Of(in ActivityContext context) => Of(context.TraceId, context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded));

    /// <summary>The mark of a trace.</summary>
    /// <param name="trace">Its id.</param>
    /// <param name="isSampled">Whether it is sampled.</param>
    public static TraceMark Of(ActivityTraceId trace, bool isSampled = false)
    {
        Span<byte> id = stackalloc byte[16];
        trace.CopyTo(id);
        return new TraceMark(BinaryPrimitives.ReadUInt64BigEndian(id), isSampled);
    }
}
