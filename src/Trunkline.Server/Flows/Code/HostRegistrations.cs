using Trunkline.Core.Config;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Code;

/// <summary>What a host adds in its own code: flows, steps, models, connectors. Filled before the node starts, read-only afterwards.</summary>
internal sealed class HostRegistrations
{
    private readonly Dictionary<string, CodeFlow> _flows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CustomStep> _steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IModel> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ISourceConnector> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ISinkConnector> _sinks = new(StringComparer.Ordinal);

    /// <summary>Flows by name.</summary>
    public IReadOnlyDictionary<string, CodeFlow> Flows => _flows;

    /// <summary>Steps by the name <c>use:</c> names them by.</summary>
    public IReadOnlyDictionary<string, CustomStep> Steps => _steps;

    /// <summary>Models by the name a model of kind <c>use</c> names them by.</summary>
    public IReadOnlyDictionary<string, IModel> Models => _models;

    /// <summary>Sources and sinks by the name <c>use:</c> names them by.</summary>
    public HostConnectors Connectors => new(_sources, _sinks);

    public void Add(Flow flow)
    {
        var declared = new CodeFlow(flow);
        Add(_flows, declared.Name, declared, "flow");
    }

    public void Add(string name, CustomStep step) => Add(_steps, name, step, "step");

    public void Add(string name, IModel model) => Add(_models, name, model, "model");

    public void Add(string name, ISourceConnector source) => Add(_sources, name, source, "source");

    public void Add(string name, ISinkConnector sink) => Add(_sinks, name, sink, "sink");

    /// <summary>Reads what the host's flows say of sources and sinks beside a project; every fault. Call before <see cref="AddTo"/>.</summary>
    public IReadOnlyList<Fault> Bind(ProjectConfig project, Func<string, string?> expressionCheck) =>
        [.. _flows.Values.SelectMany(flow => flow.Bind(project, expressionCheck))];

    /// <summary>The project with the flows of the host in it.</summary>
    /// <exception cref="ArgumentException">A flow of the project has the name of one of the host's.</exception>
    public ProjectConfig AddTo(ProjectConfig project)
    {
        var flows = new Dictionary<string, FlowConfig>(project.Flows, StringComparer.Ordinal);
        foreach (var (name, flow) in _flows)
        {
            Add(flows, name, flow.Config, "flow");
        }

        return project with { Flows = flows };
    }

    /// <summary>The pipelines of a flow in one revision: of the host's code if it has the name, else of the project file.</summary>
    public IPipelineFactory Pipelines(FlowConfig flow, string revision, PipelineServices services) =>
        _flows.TryGetValue(flow.Name, out var code) ? code.Pipelines(revision, services) : new ProjectPipelineFactory(flow, revision, services);

    private static void Add<T>(Dictionary<string, T> into, string name, T value, string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!into.TryAdd(name, value))
        {
            throw new ArgumentException($"There are two {what}s named '{name}'.", nameof(name));
        }
    }
}
