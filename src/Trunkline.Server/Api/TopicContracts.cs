using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Contracts;
using Trunkline.Server.Schemas.Json;

namespace Trunkline.Server.Api;

/// <summary>Holds what is published to the schemas of its topic, as the project in force says. Thread-safe.</summary>
internal sealed class TopicContracts(FlowSupervisor flows, TimeProvider time)
{
    /// <summary>The dead letters of the messages that go there instead of their topic, by their place among the messages; null if there are none.</summary>
    /// <exception cref="ProblemException"><c>contract.violated</c> with every place, where the topic refuses.</exception>
    public HeldBack? Hold(string topic, List<Message> messages)
    {
        if (flows.ContractOf(topic) is not { } contract)
        {
            return null;
        }

        var violations = new List<ViolationView>();
        var letters = new Dictionary<int, Message>();
        var broken = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            var faults = contract.Check(messages[i]);
            if (faults.Count == 0)
            {
                continue;
            }

            broken++;
            if (contract.Policy == ContractPolicy.DeadLetter)
            {
                letters.Add(i, ContractLetter.Of(messages[i], contract, faults, "publish", time.GetUtcNow()));
            }

            violations.AddRange(faults.Take(JsonSchema.FaultsMax - violations.Count).Select(fault => new ViolationView(i, fault.At, fault.Keyword, fault.Message)));
        }

        if (broken == 0)
        {
            return null;
        }

        ContractMeter.Violated(contract, broken);
        return contract.Policy switch
        {
            ContractPolicy.Reject => throw new ProblemException(
                ErrorCodes.ContractViolated, $"{broken} of {messages.Count} messages do not fit subject '{contract.Subject}' of topic '{topic}'; none was stored.")
            {
                Violations = violations,
            },
            ContractPolicy.DeadLetter => new HeldBack(contract.DeadTopic, letters),
            _ => null,
        };
    }

    /// <summary>
    /// Of messages lent to a group, those it may have. Where the topic is checked when it is read, one that does not fit goes to the group's dead letters.
    /// </summary>
    public async Task<IReadOnlyList<LeasedDelivery>> PassAsync(string topic, LeasedConsumer consumer, IReadOnlyList<LeasedDelivery> lent, CancellationToken cancellationToken)
    {
        if (flows.ContractOf(topic) is not { ChecksReads: true } contract)
        {
            return lent;
        }

        var passed = new List<LeasedDelivery>(lent.Count);
        foreach (var delivery in lent)
        {
            var faults = contract.CheckAndCount(delivery.Stored.Message);
            if (faults.Count == 0 || contract.Policy == ContractPolicy.Observe)
            {
                passed.Add(delivery);
            }
            else
            {
                await consumer.RejectAsync([delivery.Receipt], $"{ErrorCodes.ContractViolated}: {contract.Describe(faults)}", cancellationToken);
            }
        }

        return passed;
    }
}

/// <summary>Messages of a request that go to the dead letters of their topic.</summary>
/// <param name="Topic">Where they go.</param>
/// <param name="Letters">The dead letters, by the message's place in the request.</param>
internal sealed record HeldBack(string Topic, IReadOnlyDictionary<int, Message> Letters);
