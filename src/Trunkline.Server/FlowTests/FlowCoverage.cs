using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.FlowTests;

/// <summary>How often the steps and branches of a flow ran, over all tests. Thread-safe.</summary>
internal sealed class FlowCoverage(FlowConfig flow)
{
    private readonly int[] _steps = new int[flow.Steps.Count];
    private readonly int[] _branches = new int[flow.Branches.Count];

    /// <summary>Counts what a result tells: all steps up to the one that ended it, that one included.</summary>
    public void Add(PipelineResult result)
    {
        var last = result switch
        {
            PipelineResult.Filtered filtered => StepOf(filtered.Step),
            PipelineResult.Failed failed => StepOf(failed.Fault.Step),
            _ => _steps.Length - 1,
        };
        for (var i = 0; i <= last; i++)
        {
            Interlocked.Increment(ref _steps[i]);
        }

        if (result is PipelineResult.Delivered delivered)
        {
            Interlocked.Increment(ref _branches[delivered.Branch]);
        }
    }

    /// <summary>As reported.</summary>
    public FlowCoverageView View() => new(
        flow.Name,
        [.. flow.Steps.Select((step, i) => new CoveredView(step.Name, step.Where.File, step.Where.Line, Volatile.Read(ref _steps[i])))],
        [.. flow.Branches.Select((branch, i) => new CoveredView(NameOf(branch, i), branch.Where.File, branch.Where.Line, Volatile.Read(ref _branches[i])))]);

    private string NameOf(BranchConfig branch, int index) =>
        flow.Branches.Count == 1 && branch.When is null ? "to" : FlowTestOutcome.OfBranch(index) + (branch.When is null ? " (otherwise)" : $" ({branch.When})");

    /// <summary>A name that is no step's is the branch: all steps ran.</summary>
    private int StepOf(string name)
    {
        for (var i = 0; i < flow.Steps.Count; i++)
        {
            if (flow.Steps[i].Name == name)
            {
                return i;
            }
        }

        return flow.Steps.Count - 1;
    }
}
