using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>Names where a flow's result goes. Immutable.</summary>
internal sealed class Placement(FlowConfig flow)
{
    private readonly string[] _sinks = [.. flow.Branches.SelectMany(branch => branch.To).Select(sink => sink.Name)];

    /// <summary>The place, for people and for comparing.</summary>
    public string Of(PipelineResult result) => result switch
    {
        PipelineResult.Delivered delivered => string.Join(" + ", delivered.Outputs.Select(output => _sinks[output.Sink])),
        PipelineResult.Filtered filtered => $"filtered ({filtered.Step})",
        PipelineResult.Failed failed => $"failed ({failed.Fault.Code})",
        _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
    };
}
