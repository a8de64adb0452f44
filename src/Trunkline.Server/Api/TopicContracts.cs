using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Contracts;
using Trunkline.Server.Schemas.Contracts;
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
    /// Of messages lent to a group, those it may have, in the version it asks for. One that cannot be read so goes to the group's dead letters, as does one that does not fit where the
    /// topic is checked when it is read.
    /// </summary>
    public async Task<IReadOnlyList<LeasedDelivery>> PassAsync(
        string topic, (LeasedConsumer Consumer, int? Version) reader, IReadOnlyList<LeasedDelivery> lent, CancellationToken cancellationToken)
    {
        var contract = flows.ContractOf(topic);
        var version = reader.Version is { } number ? contract?.ReaderOf(number) : null;
        if (contract is null || (!contract.ChecksReads && version is null))
        {
            return lent;
        }

        var passed = new List<LeasedDelivery>(lent.Count);
        foreach (var delivery in lent)
        {
            var message = Read(contract, version, delivery.Stored.Message, out var problem);
            if (message is not null)
            {
                passed.Add(delivery with { Stored = delivery.Stored with { Message = message } });
            }
            else
            {
                await reader.Consumer.RejectAsync([delivery.Receipt], problem!, cancellationToken);
            }
        }

        return passed;
    }

    /// <summary>Refuses a version that is not there, before anything is lent.</summary>
    public void CheckVersion(string topic, int? version)
    {
        if (version is not { } number)
        {
            return;
        }

        var contract = flows.ContractOf(topic) ?? throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"schemaVersion is of a subject, and topic {topic} names none.");
        if (!contract.ReaderOf(number).IsThere)
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"Subject '{contract.Subject}' has no version {number}.");
        }
    }

    private static Message? Read(TopicContract contract, VersionReader? version, Message message, out string? problem)
    {
        if (contract.ChecksReads && contract.CheckAndCount(message) is { Count: > 0 } faults && contract.Policy != ContractPolicy.Observe)
        {
            problem = $"{ErrorCodes.ContractViolated}: {contract.Describe(faults)}";
            return null;
        }

        problem = null;
        var read = version is null ? message : version.Read(message, out problem);
        problem = read is null ? $"{ErrorCodes.ContractUnreadable}: {problem}" : null;
        return read;
    }
}

/// <summary>Messages of a request that go to the dead letters of their topic.</summary>
/// <param name="Topic">Where they go.</param>
/// <param name="Letters">The dead letters, by the message's place in the request.</param>
internal sealed record HeldBack(string Topic, IReadOnlyDictionary<int, Message> Letters);
