using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>
/// A promise that the flow's own time-outs, tries and waits may break, is refused. What is as by default is not held against it: only what the
/// author wrote can contradict what the author wrote.
/// </summary>
internal static class SloCheck
{
    private static readonly TimeSpan ModelTimeoutDefault = new ModelConfig { Name = "", Kind = "" }.Timeout;

    public static void Run(ProjectConfig project, FaultList faults)
    {
        foreach (var flow in project.Flows.Values)
        {
            // A message past its deadline takes another way: its tries end there.
            if (flow.Slo?.Within is { } within && !(flow.Deadline <= within) && Longest(flow, project) is var (longest, parts) && longest > within)
            {
                faults.Add(
                    flow.Slo.Where,
                    FaultCodes.ImpossibleSlo,
                    $"The flow '{flow.Name}' promises {DurationText.Format(within)}, but its tries may take {DurationText.Format(longest)}: {string.Join(" and ", parts)}.",
                    "Allow more time, or use shorter time-outs, fewer tries or shorter waits.");
            }
        }
    }

    /// <summary>How long the steps and the slowest sink may take with all tries in place, and what of.</summary>
    private static (TimeSpan Longest, List<string> Parts) Longest(FlowConfig flow, ProjectConfig project)
    {
        var (retry, usual) = (flow.Retry, new RetryConfig());
        var isOwn = (retry.Attempts, retry.BackoffMin, retry.BackoffMax) != (usual.Attempts, usual.BackoffMin, usual.BackoffMax);
        var (tries, waits) = isOwn ? (retry.Attempts, Waits(retry)) : (1, TimeSpan.Zero);
        var parts = new List<string>();
        var models = flow.Steps.OfType<InferStepConfig>().Select(s => s.Model).Where(project.Models.ContainsKey).Select(name => project.Models[name])
            .Where(m => m.Timeout != ModelTimeoutDefault).ToList();
        var longest = waits + (models.Aggregate(TimeSpan.Zero, (sum, m) => sum + m.Timeout) * tries);
        if (models.Count > 0)
        {
            parts.Add(FormattableString.Invariant($"{tries} × ({string.Join(" + ", models.Select(m => $"{DurationText.Format(m.Timeout)} of model '{m.Name}'"))})"));
        }

        if (flow.Branches.SelectMany(b => b.To).OfType<OutboxSinkConfig>().Where(s => s.Timeout != OutboxSinkConfig.TimeoutDefault).MaxBy(s => s.Timeout) is { } slowest)
        {
            longest += (slowest.Timeout * tries) + waits;
            parts.Add(FormattableString.Invariant($"{tries} × {DurationText.Format(slowest.Timeout)} of sink '{slowest.Name}'"));
        }

        if (waits > TimeSpan.Zero)
        {
            parts.Add($"up to {DurationText.Format(waits)} of waits between tries, at the steps and at a sink alike");
        }

        return (longest, parts);
    }

    /// <summary>The longest waits between tries in place, as the schedule of retries has them: twice the first, doubling up to the bound.</summary>
    private static TimeSpan Waits(RetryConfig retry)
    {
        var (sum, next) = (TimeSpan.Zero, retry.BackoffMin);
        for (var wait = 1; wait < retry.Attempts; wait++)
        {
            next = next * 2 < retry.BackoffMax ? next * 2 : retry.BackoffMax;
            sum += next;
        }

        return sum;
    }
}
