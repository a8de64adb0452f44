using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>A flow of one revision, made ready: everything its lanes share. Immutable.</summary>
/// <param name="Provenance">What its outputs say about themselves.</param>
/// <param name="Steps">The steps, in order.</param>
/// <param name="Branches">The ways out, in order.</param>
internal sealed record PipelinePlan(Provenance Provenance, IReadOnlyList<Step> Steps, IReadOnlyList<BranchPlan> Branches)
{
    /// <summary>When a message is late; null for never.</summary>
    public DeadlineRule? Deadline { get; init; }

    /// <summary>The branch of late messages; -1 if there is none.</summary>
    public int Late { get; } = Branches.Count > 0 && Branches[^1].IsLate ? Branches.Count - 1 : -1;

    /// <summary>Whether a step writes state or timers, so that what is remembered must be read first.</summary>
    public bool KeepsState { get; } = Steps.Any(step => step is StateStep or TimerStep or GatherStep);

    /// <summary>Where the message of a timer begins: after the first step that sets it, or with the step that waits for it; null if none does any more.</summary>
    public int? BeginOf(string timer)
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            if (Steps[i] is TimerStep step && step.Sets == timer)
            {
                return i + 1;
            }

            if (Steps[i] is GatherStep && timer == GatherStep.TimerName)
            {
                return i;
            }
        }

        return null;
    }
}

/// <summary>A way out, made ready.</summary>
/// <param name="When">Its condition; null for always.</param>
/// <param name="Sinks">Its sinks.</param>
internal sealed record BranchPlan(PreparedExpression? When, IReadOnlyList<SinkPlan> Sinks)
{
    /// <summary>True if it takes late messages, and no other.</summary>
    public bool IsLate { get; init; }
}

/// <summary>A sink, made ready.</summary>
/// <param name="Index">As <see cref="SinkOutput.Sink"/> counts.</param>
/// <param name="Config">As configured.</param>
/// <param name="Key">The key's expression; null to keep the key.</param>
internal sealed record SinkPlan(int Index, SinkConfig Config, PreparedExpression? Key);
