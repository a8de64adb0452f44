using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Trunkline.Server.Sight.Export;

/// <summary>
/// Keeps a share of the traces by their id, which every node and every broker passes on, so that a trace is kept whole or not at all. A span
/// whose caller was sampled is kept too, and one over a batch if one of its messages is. All others are recorded but not exported: those of
/// messages that turn out to be slow, or fail, still can be.
/// </summary>
/// <param name="share">From 0 to 1.</param>
internal sealed class SampledSpans(double share) : Sampler
{
    private readonly TraceIdRatioBasedSampler _byTrace = new(share);

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        if (samplingParameters.ParentContext.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
        {
            return new SamplingResult(SamplingDecision.RecordAndSample);
        }

        var isBatch = samplingParameters.ParentContext.TraceId == default && samplingParameters.Links?.Any() == true;
        var keep = isBatch
            ? samplingParameters.Links!.Any(link => link.Context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            : _byTrace.ShouldSample(samplingParameters).Decision == SamplingDecision.RecordAndSample;
        return new SamplingResult(keep ? SamplingDecision.RecordAndSample : SamplingDecision.RecordOnly);
    }
}
