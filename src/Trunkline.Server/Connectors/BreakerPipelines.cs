using Trunkline.Core.Limits;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors;

/// <summary>
/// Puts a breaker before a sink. A failure that opens it, or comes while it is open, is the far side's: the message waits and is sent again in
/// the same try, so that an outage uses up no tries and makes no dead letters. Thread-safe.
/// </summary>
/// <param name="inner">What sends.</param>
/// <param name="breaker">The sink's; outlives revisions.</param>
internal sealed class BreakerPipelines(IPipelineFactory inner, Breaker breaker) : IPipelineFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<SinkConfig> Sinks => inner.Sinks;

    /// <inheritdoc/>
    public IPipeline Create() => new Pipeline(inner.Create(), breaker);

    private sealed class Pipeline(IPipeline inner, Breaker breaker) : IPipeline
    {
        public async ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
        {
            while (true)
            {
                var pass = await breaker.EnterAsync(cancellationToken).ConfigureAwait(false);
                var told = false;
                try
                {
                    var result = await inner.RunAsync(input, cancellationToken).ConfigureAwait(false);
                    told = true;
                    if (result is not PipelineResult.Failed { Fault: { Class: FaultClass.Retryable } fault })
                    {
                        // A message that is refused for good was answered all the same.
                        breaker.Succeeded(pass);
                        return result;
                    }

                    if (!breaker.Failed(pass, fault.Detail, fault.RetryAfter))
                    {
                        return result;
                    }
                }
                finally
                {
                    if (!told)
                    {
                        breaker.GaveUp(pass);
                    }
                }
            }
        }

        public void Dispose() => inner.Dispose();
    }
}
