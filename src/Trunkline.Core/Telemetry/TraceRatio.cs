namespace Trunkline.Core.Telemetry;

/// <summary>
/// A share of all traces, by their id. The rule is the one of OpenTelemetry's ratio sampler, so that services around decide alike; it is asked for every
/// message, which that sampler, with a context and an answer of many parts, is too dear for.
/// </summary>
/// <param name="share">From 0 to 1.</param>
public readonly struct TraceRatio(double share)
{
    private readonly ulong _bound = share >= 1 ? long.MaxValue : (ulong)(Math.Max(share, 0) * long.MaxValue);

    /// <summary>True if a trace is within the share.</summary>
    /// <param name="mark">Of the trace.</param>
    public bool Includes(TraceMark mark) => (mark.Half & long.MaxValue) < _bound;
}
