using System.Diagnostics;
using OpenTelemetry.Trace;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Export;

/// <summary>
/// Keeps a share of the traces by their id, which every node and every broker passes on, so that a trace is kept whole or not at all. A span
/// whose caller was sampled is kept too, and one over a batch if one of its messages is. All others are recorded but not exported: those of
/// messages that turn out to be slow, or fail, still can be.
/// </summary>
/// <param name="share">From 0 to 1; of what is exported.</param>
/// <param name="kept">What the node keeps itself; null if it keeps none. A span within it says so.</param>
internal sealed class SampledSpans(double share, TraceShare? kept = null) : Sampler
{
    private readonly TraceRatio _byTrace = new(share);

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var decision = Exports(samplingParameters) ? SamplingDecision.RecordAndSample : SamplingDecision.RecordOnly;
        if (kept?.Of(samplingParameters.TraceId) is not (> 0 and var within))
        {
            return new SamplingResult(decision);
        }

        kept.Count(1);
        return new SamplingResult(decision, [new(SpanNames.Share, within)]);
    }

    /// <summary>True if spans of a trace are exported whatever becomes of them.</summary>
    public bool Exports(TraceMark mark) => _byTrace.Includes(mark);

    private bool Exports(in SamplingParameters span)
    {
        if (span.ParentContext.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
        {
            return true;
        }

        var isBatch = span.ParentContext.TraceId == default && span.Links?.Any() == true;
        return isBatch
            ? span.Links!.Any(link => link.Context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            : Exports(TraceMark.Of(span.TraceId));
    }
}
