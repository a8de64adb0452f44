using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>
/// A timer that is cancelled must be one the flow sets: else a name is misspelt. And a key has one state: a flow writes it, or lets
/// messages wait in it.
/// </summary>
internal static class StateCheck
{
    public static void Run(ProjectConfig project, FaultList faults)
    {
        foreach (var flow in project.Flows.Values)
        {
            var timers = flow.Steps.OfType<TimerStepConfig>().ToArray();
            Gathering(flow, faults);
            var known = timers.Where(t => t.After is not null).Select(t => t.Timer).ToHashSet(StringComparer.Ordinal);
            foreach (var timer in timers.Where(t => t.After is null && !known.Contains(t.Timer)))
            {
                faults.Add(
                    timer.Where,
                    FaultCodes.MissingTimer,
                    $"No step of flow '{flow.Name}' sets a timer '{Printable.Show(timer.Timer)}'.",
                    Suggestion.Remedy(timer.Timer, known, "Set it with a step 'timer: { as, after }', or use one that is set."));
            }
        }
    }

    private static void Gathering(FlowConfig flow, FaultList faults)
    {
        var waiting = flow.Steps.Where(step => step is BatchStepConfig or JoinStepConfig).ToArray();
        foreach (var second in waiting.Skip(1).Concat(waiting.Take(1).Where(_ => flow.Steps.Any(step => step is StateStepConfig))))
        {
            faults.Add(
                second.Where,
                FaultCodes.KeyConflict,
                $"What waits in step '{second.Name}' is the state of its key, and flow '{flow.Name}' has another step that writes it.",
                "Make two flows of it, with a topic between them: a flow has one of batch, join and state.");
        }
    }
}
