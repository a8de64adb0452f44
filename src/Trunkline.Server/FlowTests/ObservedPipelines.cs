using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.FlowTests;

/// <summary>Lets a flow's pipelines run as they are and keeps what each message came to. Thread-safe.</summary>
/// <param name="inner">The flow's own.</param>
/// <param name="coverage">Told what ran.</param>
/// <param name="activity">Told what is at work and what came of it; outlives a restart.</param>
internal sealed class ObservedPipelines(IPipelineFactory inner, FlowCoverage coverage, PipelineActivity activity) : IPipelineFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<SinkConfig> Sinks => inner.Sinks;

    /// <inheritdoc/>
    public IPipeline Create() => new Pipeline(this, inner.Create());

    private async ValueTask<PipelineResult> RunAsync(IPipeline pipeline, PipelineInput input, CancellationToken cancellationToken)
    {
        activity.Begin();
        try
        {
            var result = await pipeline.RunAsync(input, cancellationToken).ConfigureAwait(false);
            activity.Note(input.Stored.Message, result);
            coverage.Add(input.Stored.Message, result);
            return result;
        }
        finally
        {
            activity.End();
        }
    }

    private sealed class Pipeline(ObservedPipelines owner, IPipeline inner) : IPipeline
    {
        public ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken) => owner.RunAsync(inner, input, cancellationToken);

        public void Dispose() => inner.Dispose();
    }
}
