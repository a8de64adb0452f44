using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Api;

/// <summary>What requests name, or the problem that it is not there.</summary>
internal static class Lookups
{
    /// <summary>The project's flow of this name.</summary>
    public static FlowConfig Flow(this ProjectConfig project, string name) => project.Flows.TryGetValue(name, out var flow) ? flow : throw NoFlow(name);

    /// <summary>The project has no such flow.</summary>
    public static ProblemException NoFlow(string name) => new(ErrorCodes.FlowNotFound, $"The project has no flow '{Printable.Show(name)}'.");

    /// <summary>The project has no such model, and no answer of an earlier one is recorded.</summary>
    public static ProblemException NoModel(string name) =>
        new(ErrorCodes.ModelNotFound, $"The project has no model '{Printable.Show(name)}', and no answer of one is recorded.");

    /// <summary>The project has no such flow, and nothing is left of an earlier one.</summary>
    public static ProblemException NoOutcomes(string name) =>
        new(ErrorCodes.FlowNotFound, $"The project has no flow '{Printable.Show(name)}', and there are no outcomes of one.");
}
