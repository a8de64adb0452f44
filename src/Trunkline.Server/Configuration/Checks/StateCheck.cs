using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>A timer that is cancelled must be one the flow sets: else a name is misspelt.</summary>
internal static class StateCheck
{
    public static void Run(ProjectConfig project, FaultList faults)
    {
        foreach (var flow in project.Flows.Values)
        {
            var timers = flow.Steps.OfType<TimerStepConfig>().ToArray();
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
}
