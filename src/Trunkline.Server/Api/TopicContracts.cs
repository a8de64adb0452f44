using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Configuration;
using Trunkline.Server.Hosting;
using Trunkline.Server.Schemas.Contracts;
using Trunkline.Server.Schemas.Json;

namespace Trunkline.Server.Api;

/// <summary>Holds what is published to the schemas of its topic, as the project in force says. Thread-safe.</summary>
internal sealed class TopicContracts(Node node, ContractCheck check)
{
    /// <summary>Lets messages pass that fit, or that are only observed.</summary>
    /// <exception cref="ProblemException"><c>contract.violated</c> with every place.</exception>
    public void Hold(string topic, List<Message> messages)
    {
        if (!node.Project.Topics.TryGetValue(topic, out var config) || config.Subject is not { } subject)
        {
            return;
        }

        var violations = new List<ViolationView>();
        var broken = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            var faults = check.Check(subject, messages[i]);
            broken += faults.Count > 0 ? 1 : 0;
            violations.AddRange(faults.Take(JsonSchema.FaultsMax - violations.Count).Select(fault => new ViolationView(i, fault.At, fault.Keyword, fault.Message)));
        }

        if (broken == 0)
        {
            return;
        }

        var rejects = config.Contract == ContractPolicy.Reject;
        ApiMeter.Violated(topic, broken, rejects);
        if (rejects)
        {
            throw new ProblemException(ErrorCodes.ContractViolated, $"{broken} of {messages.Count} messages do not fit subject '{subject}' of topic '{topic}'; none was stored.")
            {
                Violations = violations,
            };
        }
    }
}
