using System.Text.Json;
using Trunkline.Core.Config;
using Trunkline.Core.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Configuration.Checks;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Code;

/// <summary>A flow of the host's own code, declared; bound once to the project it runs beside. Thread-safe after that.</summary>
internal sealed class CodeFlow
{
    /// <summary>What faults name: the whole handler is one step.</summary>
    public const string HandlerStep = "handler";

    private readonly Dictionary<string, int> _sinkIndex = new(StringComparer.Ordinal);
    private readonly FlowBuilder _builder;
    private FlowConfig? _config;

    public CodeFlow(Flow flow)
    {
        _builder = new FlowBuilder(flow.GetType().Name);
        flow.Configure(_builder);
        Flow = flow;
        Json = _builder.JsonOptions;
        flow.CheckJson(Json);
        foreach (var sink in _builder.Sinks)
        {
            _sinkIndex.Add(sink, _sinkIndex.Count);
        }
    }

    public Flow Flow { get; }

    public string Name => _builder.Name;

    /// <summary>As a flow of the project: source, sinks, failure rules; no steps.</summary>
    /// <exception cref="InvalidOperationException">It is not bound, or could not be.</exception>
    public FlowConfig Config => _config ?? throw new InvalidOperationException($"flow '{Name}' is not bound to a project");

    public JsonSerializerOptions Json { get; }

    /// <summary>Whether payloads are mails.</summary>
    public bool ParsesMail => _builder.ParsesMail;

    public IReadOnlyDictionary<string, MemoConfig?> Models => _builder.Models;

    public IReadOnlyList<SinkConfig> Sinks => Config.Branches[0].To;

    /// <summary>Reads its source and sinks beside a project; what is wrong with them.</summary>
    /// <param name="project">The project.</param>
    /// <param name="expressionCheck">What is wrong with an expression, or null.</param>
    public IReadOnlyList<Fault> Bind(ProjectConfig project, Func<string, string?> expressionCheck)
    {
        var faults = new FaultList();
        var config = _builder.Build(new BindingContext(Path.GetFullPath(project.BaseDirectory.Length == 0 ? "." : project.BaseDirectory), expressionCheck), faults);
        if (config is not null)
        {
            AddressCheck.Run(config, new OutgoingAddressPolicy(project.Node.AllowAddresses), faults);
        }

        // What is made of a mail is read, not what a topic promises.
        _config = faults.Count == 0 ? config! with { Reads = ParsesMail ? [""] : HandlerReads.Of(Flow.BodyType, Json) } : null;
        return faults.Ordered();
    }

    public int SinkIndex(string sink) => _sinkIndex.TryGetValue(sink, out var index)
        ? index
        : throw new ArgumentException($"Flow '{Name}' declares no sink '{sink}'; add it in Configure.", nameof(sink));

    /// <summary>Its pipelines in one revision.</summary>
    public IPipelineFactory Pipelines(string revision, PipelineServices services) => new CodePipelineFactory(this, revision, services);
}
