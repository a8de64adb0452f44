using Trunkline.Core.Errors;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Contracts;

/// <summary>
/// Checks what a flow reads from a topic that others write to as well: a message that does not fit fails before the first step, as one that a step
/// refuses for good. Thread-safe.
/// </summary>
internal sealed class ReadContract(IPipelineFactory inner, TopicContract contract) : IPipelineFactory
{
    private const string Step = "contract";

    /// <inheritdoc/>
    public IReadOnlyList<SinkConfig> Sinks => inner.Sinks;

    /// <summary>The pipelines of a flow, behind the check if its topic asks for it.</summary>
    public static IPipelineFactory Over(IPipelineFactory pipelines, FlowConfig flow, IReadOnlyDictionary<string, TopicContract> contracts) =>
        flow.From is TopicSourceConfig source && contracts.GetValueOrDefault(source.Topic) is { ChecksReads: true } contract ? new ReadContract(pipelines, contract) : pipelines;

    /// <inheritdoc/>
    public IPipeline Create() => new Pipeline(inner.Create(), contract);

    private sealed class Pipeline(IPipeline inner, TopicContract contract) : IPipeline
    {
        public ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
        {
            // What is due for a key is the flow's own, not the topic's.
            if (input.Visit is null && contract.CheckAndCount(input.Stored.Message) is { Count: > 0 } faults && contract.Policy != ContractPolicy.Observe)
            {
                return new(new PipelineResult.Failed(new StepFault(ErrorCodes.ContractViolated, Step, contract.Describe(faults), FaultClass.Terminal)));
            }

            return inner.RunAsync(input, cancellationToken);
        }

        public void Dispose() => inner.Dispose();
    }
}
