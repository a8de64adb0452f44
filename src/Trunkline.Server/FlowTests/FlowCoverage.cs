using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.FlowTests;

/// <summary>How often the steps and branches of a flow ran, over all tests. Thread-safe.</summary>
internal sealed class FlowCoverage(FlowConfig flow)
{
    private readonly int[] _steps = new int[flow.Steps.Count];
    private readonly int[] _branches = new int[flow.Branches.Count];

    /// <summary>
    /// Counts what a result tells: all steps up to the one that ended it, that one included; a timer's message begins after the step that set it.
    /// </summary>
    public void Add(Message message, PipelineResult result)
    {
        var begin = TimerMessage.NameOf(message) is { } timer ? BeginOf(timer) : 0;
        var last = result switch
        {
            PipelineResult.Filtered filtered => StepOf(filtered.Step),
            PipelineResult.Failed failed => StepOf(failed.Fault.Step),
            _ => _steps.Length - 1,
        };
        for (var i = begin; i <= last; i++)
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

    private int BeginOf(string timer)
    {
        var set = flow.Steps.Index().FirstOrDefault(s => s.Item is TimerStepConfig { After: not null } step && step.Timer == timer);
        return set.Item is null ? _steps.Length : set.Index + 1;
    }

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
