using Trunkline.Core.Config;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>
/// Flows that send messages round for ever. A flow can end a message if it has a filter or a step of the host's, if a message
/// may match none of its branches, or if it has a branch whose sinks all can end it: a webhook does, a topic does
/// if every flow that reads it can. What cannot end, by the least such set, is a fault; a loop with a way out is not.
/// </summary>
internal static class CycleCheck
{
    public static void Run(ProjectConfig project, FaultList faults)
    {
        var readers = project.Flows.Values.Where(f => f.From is TopicSourceConfig).ToLookup(f => ((TopicSourceConfig)f.From).Topic, StringComparer.Ordinal);
        OwnDeadLetters(project, faults);

        var ending = new HashSet<string>(StringComparer.Ordinal);
        while (project.Flows.Values.Where(f => !ending.Contains(f.Name) && CanEnd(f, readers, ending)).ToArray() is { Length: > 0 } more)
        {
            ending.UnionWith(more.Select(f => f.Name));
        }

        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var flow in project.Flows.Values.Where(f => !ending.Contains(f.Name)))
        {
            var circle = Circle(flow, readers, ending);
            if (!circle.Any(step => told.Contains(step.Flow.Name)))
            {
                told.UnionWith(circle.Select(step => step.Flow.Name));
                var way = string.Concat(circle.Select(step => $"{((TopicSourceConfig)step.Flow.From).Topic} -> ({step.Flow.Name}) -> ")) + circle[^1].To;
                faults.Add(
                    circle[0].Flow.From.Where,
                    FaultCodes.Cycle,
                    $"Messages would go round for ever: {Printable.Show(way, 400)}.",
                    "Let a flow of the circle end messages: a filter, or a branch that leads elsewhere.");
            }
        }
    }

    private static bool CanEnd(FlowConfig flow, ILookup<string, FlowConfig> readers, HashSet<string> ending) =>
        flow.Steps.Any(s => s is FilterStepConfig or SplitStepConfig or UseStepConfig)
        || flow.Branches.All(b => b.When is not null || b.IsLate)
        || flow.Branches.Any(b => !b.IsLate && b.To.All(s => s is not TopicSinkConfig topic || readers[topic.Topic].All(r => ending.Contains(r.Name))));

    /// <summary>Follows flows that cannot end from one of them until one comes again; there always is a next.</summary>
    private static List<(FlowConfig Flow, string To)> Circle(FlowConfig from, ILookup<string, FlowConfig> readers, HashSet<string> ending)
    {
        var way = new List<(FlowConfig Flow, string To)>();
        var flow = from;
        while (way.FindIndex(step => step.Flow.Name == flow.Name) < 0)
        {
            var (to, next) = flow.Branches.SelectMany(b => b.To).OfType<TopicSinkConfig>()
                .SelectMany(s => readers[s.Topic].Select(r => (s.Topic, Reader: r)))
                .First(n => !ending.Contains(n.Reader.Name));
            way.Add((flow, to));
            flow = next;
        }

        return way[way.FindIndex(step => step.Flow.Name == flow.Name)..];
    }

    private static void OwnDeadLetters(ProjectConfig project, FaultList faults)
    {
        foreach (var flow in project.Flows.Values)
        {
            if (flow.From is TopicSourceConfig source && source.Topic == Names.DeadTopic(flow.Name))
            {
                faults.Add(
                    source.Where,
                    FaultCodes.Cycle,
                    $"The flow '{flow.Name}' reads its own dead letters; a message that keeps failing would go round for ever.",
                    "Read them with another flow, or redrive them.");
            }
        }
    }
}
