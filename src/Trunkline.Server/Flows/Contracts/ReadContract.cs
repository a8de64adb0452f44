using Trunkline.Core.Errors;
using Trunkline.Server.Configuration;
using Trunkline.Server.Schemas.Contracts;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Contracts;

/// <summary>
/// Stands before the first step of a flow that reads a topic with a contract: checks what others may have written, where the topic asks for it, and reads messages as the version the
/// flow asks for. A message that does not fit, or cannot be read so, fails as one that a step refuses for good. Thread-safe.
/// </summary>
/// <param name="inner">The flow's pipelines.</param>
/// <param name="contract">The topic's.</param>
/// <param name="version">Reads messages as the flow's version; null to leave them as they are.</param>
internal sealed class ReadContract(IPipelineFactory inner, TopicContract contract, VersionReader? version) : IPipelineFactory
{
    private const string Step = "contract";

    /// <inheritdoc/>
    public IReadOnlyList<SinkConfig> Sinks => inner.Sinks;

    /// <summary>The pipelines of a flow, behind the contract of its topic where there is something to do.</summary>
    public static IPipelineFactory Over(IPipelineFactory pipelines, FlowConfig flow, IReadOnlyDictionary<string, TopicContract> contracts) =>
        flow.From is TopicSourceConfig source && contracts.GetValueOrDefault(source.Topic) is { } contract && (contract.ChecksReads || source.Version is not null)
            ? new ReadContract(pipelines, contract, source.Version is { } version ? contract.ReaderOf(version) : null)
            : pipelines;

    /// <inheritdoc/>
    public IPipeline Create() => new Pipeline(inner.Create(), contract, version);

    private sealed class Pipeline(IPipeline inner, TopicContract contract, VersionReader? version) : IPipeline
    {
        public ValueTask<PipelineResult> RunAsync(PipelineInput input, CancellationToken cancellationToken)
        {
            // What is due for a key is the flow's own, not the topic's.
            if (input.Visit is not null)
            {
                return inner.RunAsync(input, cancellationToken);
            }

            if (contract.ChecksReads && contract.CheckAndCount(input.Stored.Message) is { Count: > 0 } faults && contract.Policy != ContractPolicy.Observe)
            {
                return Fail(ErrorCodes.ContractViolated, contract.Describe(faults));
            }

            if (version is null)
            {
                return inner.RunAsync(input, cancellationToken);
            }

            if (!version.IsThere)
            {
                // Flow and schema may come in either order: it waits, as for a model that has no room.
                return new(new PipelineResult.Failed(new StepFault(ErrorCodes.ContractUnreadable, Step, "the version the flow reads is not registered yet", FaultClass.Retryable) { IsUncounted = true }));
            }

            return version.Read(input.Stored.Message, out var problem) is { } message
                ? inner.RunAsync(input with { Stored = input.Stored with { Message = message } }, cancellationToken)
                : Fail(ErrorCodes.ContractUnreadable, problem!);
        }

        public void Dispose() => inner.Dispose();

        private static ValueTask<PipelineResult> Fail(string code, string detail) =>
            new(new PipelineResult.Failed(new StepFault(code, Step, detail, FaultClass.Terminal)));
    }
}
