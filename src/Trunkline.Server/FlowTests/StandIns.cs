using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Steps;

namespace Trunkline.Server.FlowTests;

/// <summary>What stands where the host's own code would, in a program that has none of it.</summary>
internal static class StandIns
{
    /// <summary>The project with no other models than those the flows call: what is not called need not load.</summary>
    public static ProjectConfig WithModelsOf(ProjectConfig project, IEnumerable<FlowConfig> flows)
    {
        var names = flows.SelectMany(flow => flow.Models).ToHashSet(StringComparer.Ordinal);
        return project with { Models = project.Models.Where(m => names.Contains(m.Key)).ToDictionary(StringComparer.Ordinal) };
    }

    /// <summary>Models of the host: each has to be answered for.</summary>
    public static Dictionary<string, IModel> ModelsOf(ProjectConfig project) => project.Models.Values
        .Where(model => model.Kind == "use")
        .SelectMany(model => new[] { model.Model, model.Use, model.Name })
        .OfType<string>()
        .Distinct(StringComparer.Ordinal)
        .ToDictionary(name => name, name => (IModel)new AbsentModel(name), StringComparer.Ordinal);

    /// <summary>Steps of the host: each asks the effect port, where it is answered for.</summary>
    public static Dictionary<string, CustomStep> StepsOf(FlowConfig flow) => flow.Steps.OfType<UseStepConfig>().Select(step => step.Use).Distinct().ToDictionary(
        use => use,
        use => (CustomStep)(async (body, context, token) => await context.InvokeAsync(use, body, (_, _, _) => default, token).ConfigureAwait(false)),
        StringComparer.Ordinal);

    /// <summary>Sinks of the host: what they would send passes the effect port, where it is answered for. Messages come from the test, not from a source.</summary>
    public static HostConnectors ConnectorsOf(FlowConfig flow) => new(
        HostConnectors.None.Sources,
        flow.Branches.SelectMany(b => b.To).OfType<UseSinkConfig>().Select(sink => sink.Use).Distinct(StringComparer.Ordinal)
            .ToDictionary(use => use, use => (ISinkConnector)new AbsentSink(use), StringComparer.Ordinal));
}
