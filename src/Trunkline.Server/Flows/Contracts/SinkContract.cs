using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Contracts;

/// <summary>Holds what a flow makes for a topic to the topic's contract. Thread-safe.</summary>
/// <param name="contract">The topic's.</param>
/// <param name="sink">The sink's name, for dead letters.</param>
/// <param name="time">The clock.</param>
internal sealed class SinkContract(TopicContract contract, string sink, TimeProvider time)
{
    /// <summary>Where messages go that do not fit, if they go anywhere.</summary>
    public SinkTarget Dead { get; } = new(sink, contract.DeadTopic, int.MaxValue);

    /// <summary>Under <see cref="ContractPolicy.Reject"/>: why the flow's message fails, because what was made of it does not fit; null if it does.</summary>
    public StepFault? FaultOf(Message message) => contract.Policy == ContractPolicy.Reject && contract.CheckAndCount(message) is { Count: > 0 } faults
        ? new StepFault(ErrorCodes.ContractViolated, sink, contract.Describe(faults), FaultClass.Terminal)
        : null;

    /// <summary>Under <see cref="ContractPolicy.DeadLetter"/>: the dead letter of a message that does not fit; null for one that goes into the topic.</summary>
    public Message? LetterOf(Message message) =>
        contract.Policy != ContractPolicy.Reject && contract.CheckAndCount(message) is { Count: > 0 } faults && contract.Policy == ContractPolicy.DeadLetter
            ? ContractLetter.Of(message, contract, faults, sink, time.GetUtcNow())
            : null;
}
