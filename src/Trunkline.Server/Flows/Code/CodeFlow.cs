using System.Text.Json;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows.Code;

/// <summary>A flow of the host's own code, declared. Thread-safe.</summary>
internal sealed class CodeFlow
{
    /// <summary>What faults name: the whole handler is one step.</summary>
    public const string HandlerStep = "handler";

    private readonly Dictionary<string, int> _sinkIndex = new(StringComparer.Ordinal);

    public CodeFlow(Flow flow)
    {
        var builder = new FlowBuilder(flow.GetType().Name);
        flow.Configure(builder);
        Flow = flow;
        Config = builder.Build();
        Json = builder.JsonOptions;
        flow.CheckJson(Json);
        Models = builder.Models;
        foreach (var sink in Sinks)
        {
            _sinkIndex.Add(sink.Name, _sinkIndex.Count);
        }
    }

    public Flow Flow { get; }

    /// <summary>As a flow of the project: source, sinks, failure rules; no steps.</summary>
    public FlowConfig Config { get; }

    public JsonSerializerOptions Json { get; }

    public IReadOnlyDictionary<string, MemoConfig?> Models { get; }

    public IReadOnlyList<SinkConfig> Sinks => Config.Branches[0].To;

    public int SinkIndex(string sink) => _sinkIndex.TryGetValue(sink, out var index)
        ? index
        : throw new ArgumentException($"Flow '{Config.Name}' declares no sink '{sink}'; add it in Configure.", nameof(sink));

    /// <summary>Its pipelines in one revision.</summary>
    public IPipelineFactory Pipelines(string revision, PipelineServices services) => new CodePipelineFactory(this, revision, services);
}
