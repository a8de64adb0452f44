using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>Stands before a sink outside: what a replay made passes only if the replay was asked to send. Thread-safe.</summary>
internal sealed class ReplayGuard(IPipelineFactory sender) : IPipelineFactory
{
    /// <inheritdoc/>
    public IReadOnlyList<SinkConfig> Sinks => sender.Sinks;

    /// <inheritdoc/>
    public IPipeline Create() => new Pipeline(sender.Create());

    private sealed class Pipeline(IPipeline sender) : IPipeline
    {
        public ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken) => ReplayMark.MaySend(input.Stored.Message)
            ? sender.RunAsync(input, cancellationToken)
            : ValueTask.FromResult<PipelineResult>(new PipelineResult.Filtered("replay"));

        public void Dispose() => sender.Dispose();
    }
}
