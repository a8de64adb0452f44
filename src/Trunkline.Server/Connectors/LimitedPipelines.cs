using Trunkline.Core.Limits;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors;

/// <summary>
/// Puts a limiter before a sink: as many calls at once as the far side can take. A failure that opens its breaker, or comes while it is open, is the
/// far side's: the message waits and is sent again in the same try, so that an outage uses up no tries and makes no dead letters. Thread-safe.
/// </summary>
/// <param name="inner">What sends.</param>
/// <param name="limiter">The sink's; outlives revisions.</param>
internal sealed class LimitedPipelines(IPipelineFactory inner, CallLimiter limiter) : IPipelineFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<SinkConfig> Sinks => inner.Sinks;

    /// <inheritdoc/>
    public IPipeline Create() => new Pipeline(inner.Create(), limiter);

    private sealed class Pipeline(IPipeline inner, CallLimiter limiter) : IPipeline
    {
        public async ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
        {
            while (true)
            {
                var admission = await limiter.EnterAsync(MessageShare.Of(input.Stored.Message), int.MaxValue, cancellationToken).ConfigureAwait(false);
                if (admission.Permit is not { } permit)
                {
                    // Withdrawn by a revision with another rule: what waited here is sent by its own tries.
                    return await inner.RunAsync(input, cancellationToken).ConfigureAwait(false);
                }

                using (permit)
                {
                    var result = await inner.RunAsync(input, cancellationToken).ConfigureAwait(false);
                    if (result is not PipelineResult.Failed { Fault: { Class: FaultClass.Retryable } fault })
                    {
                        // A message that is refused for good was answered all the same.
                        permit.Complete(CallResult.Answered);
                        return result;
                    }

                    var overloaded = fault.Code is "sink.rate-limited" or "sink.timeout";
                    if (!permit.Complete(overloaded ? CallResult.Overloaded : CallResult.Failed, fault.RetryAfter, fault.Detail))
                    {
                        return result;
                    }
                }
            }
        }

        public void Dispose() => inner.Dispose();
    }
}
