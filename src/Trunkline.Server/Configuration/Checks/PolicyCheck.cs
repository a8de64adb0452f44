using System.Text.RegularExpressions;
using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>Holds a project to its own policies.</summary>
internal static class PolicyCheck
{
    public static void Run(ProjectConfig project, FaultList faults)
    {
        var policies = project.Policies;
        foreach (var topic in project.Topics.Values.Where(topic => !policies.Except.Contains(topic.Settings.Name)))
        {
            var what = $"topic '{topic.Settings.Name}'";
            Require(policies.Owner && topic.Owner is null, faults, topic.Where, what, "owner", "an owner");
            Require(policies.Subject && topic.Subject is null, faults, topic.Where, what, "subject", "a subject");
            Name(policies.TopicNames, topic.Settings.Name, faults, topic.Where, what);
            foreach (var reader in topic.Readers)
            {
                Require(policies.Owner && reader.Owner is null, faults, reader.Where, $"reader '{reader.Name}' of {what}", "owner", "an owner");
            }
        }

        foreach (var flow in project.Flows.Values.Where(flow => !policies.Except.Contains(flow.Name)))
        {
            var what = $"flow '{flow.Name}'";
            Require(policies.Owner && flow.Owner is null, faults, flow.Where, what, "owner", "an owner");
            Require(policies.Slo && flow.Slo is null, faults, flow.Where, what, "slo", "an SLO");
            Name(policies.FlowNames, flow.Name, faults, flow.Where, what);
        }

        foreach (var topic in project.Topics.Values.Where(topic => topic.Deprecated?.Use is { } use && (use == topic.Settings.Name || !project.Topics.ContainsKey(use))))
        {
            faults.Add(topic.Where, FaultCodes.MissingTopic, $"The topic '{topic.Deprecated!.Use}' that is to take the place of '{topic.Settings.Name}' is not another one of the project.", "Define it, or correct 'use'.");
        }
    }

    private static void Require(bool isMissing, FaultList faults, SourceLocation where, string what, string key, string words)
    {
        if (isMissing)
        {
            faults.Add(where, FaultCodes.Policy, $"The {what} names no {key}, and the project's policies ask for {words}.", $"Write '{key}', or list it under 'except' of 'policies'.");
        }
    }

    private static void Name(string? pattern, string name, FaultList faults, SourceLocation where, string what)
    {
        if (pattern is not null && !new Regex($"^(?:{pattern})$", RegexOptions.NonBacktracking).IsMatch(name))
        {
            faults.Add(where, FaultCodes.Policy, $"The name of {what} does not match {Printable.Show(pattern, 200)}, which the project's policies ask for.", "Rename it, or list it under 'except' of 'policies'.");
        }
    }
}
