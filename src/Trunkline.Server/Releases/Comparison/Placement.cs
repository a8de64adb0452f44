using System.Globalization;
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

    /// <summary>Each sink it goes to; what is filtered or failed counts as one.</summary>
    public IEnumerable<string> SinksOf(PipelineResult result) =>
        result is PipelineResult.Delivered delivered ? delivered.Outputs.Select(output => _sinks[output.Sink]) : [Of(result)];

    /// <summary>The branch that took it; what is filtered or failed counts as one.</summary>
    public string BranchOf(PipelineResult result) =>
        result is PipelineResult.Delivered delivered ? string.Create(CultureInfo.InvariantCulture, $"branch-{delivered.Branch + 1}") : Of(result);

    /// <summary>The key each sink gets it with.</summary>
    public IEnumerable<(string Sink, string? Key)> KeysOf(PipelineResult.Delivered delivered) =>
        delivered.Outputs.Select(output => (_sinks[output.Sink], output.Message.Key?.ToString()));
}
