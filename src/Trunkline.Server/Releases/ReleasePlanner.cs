using Trunkline.Core.Config;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Releases;

/// <summary>Compares what runs with what is to run, and asks the broker what would be lost by it.</summary>
/// <param name="broker">Holds the topics.</param>
/// <param name="facts">Writes projects as facts.</param>
internal sealed class ReleasePlanner(IBroker broker, ProjectFacts facts)
{
    private const int ShownMax = 80;

    /// <summary>The plan of going from one project to another.</summary>
    public async Task<ReleasePlan> PlanAsync(ProjectConfig running, ProjectConfig candidate, CancellationToken cancellationToken)
    {
        var entries = Compare(facts.Of(running), facts.Of(candidate));
        var topics = (await broker.ListTopicsAsync(cancellationToken)).ToDictionary(t => t.Settings.Name, StringComparer.Ordinal);
        var refusals = new List<PlanRefusal>();
        foreach (var topic in candidate.Topics.Values)
        {
            CheckFixedSettings(topic.Settings, topics.GetValueOrDefault(topic.Settings.Name)?.Settings, refusals);
        }

        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is { Action: PlanAction.Remove, Kind: "topic" } removed && topics.TryGetValue(removed.Name, out var description))
            {
                entries[i] = removed with { Details = [await RemovedTopicAsync(description, refusals, cancellationToken)] };
            }
        }

        await CheckOutboxesAsync(running, candidate, topics, refusals, cancellationToken);
        return new ReleasePlan(entries, refusals);
    }

    /// <summary>What is different between two projects.</summary>
    public IReadOnlyList<PlanEntry> Compare(ProjectConfig before, ProjectConfig after) => ReferenceEquals(before, after) ? [] : Compare(facts.Of(before), facts.Of(after));

    private static List<PlanEntry> Compare(IReadOnlyList<ProjectItem> before, IReadOnlyList<ProjectItem> after)
    {
        var old = before.ToDictionary(i => (i.Kind, i.Name));
        var kept = after.Select(i => (i.Kind, i.Name)).ToHashSet();
        var entries = new List<PlanEntry>();
        foreach (var item in after)
        {
            if (!old.TryGetValue((item.Kind, item.Name), out var was))
            {
                entries.Add(new PlanEntry(PlanAction.Add, item.Kind, item.Name, []));
            }
            else if (Differences(was.Facts, item.Facts) is { Count: > 0 } details)
            {
                entries.Add(new PlanEntry(PlanAction.Change, item.Kind, item.Name, details));
            }
        }

        entries.AddRange(before.Where(i => !kept.Contains((i.Kind, i.Name))).Select(i => new PlanEntry(PlanAction.Remove, i.Kind, i.Name, [])));
        return entries;
    }

    private static List<string> Differences(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        var details = new List<string>();
        foreach (var path in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (was, now) = (before.GetValueOrDefault(path), after.GetValueOrDefault(path));
            if (was != now)
            {
                details.Add($"{path}: {Shown(was)} -> {Shown(now)}");
            }
        }

        return details;
    }

    private static string Shown(string? value) => value switch
    {
        null => "none",
        _ when value.StartsWith(ProjectItem.SecretMark, StringComparison.Ordinal) => "***",
        _ => Printable.Show(value, ShownMax),
    };

    private static void CheckFixedSettings(TopicSettings wanted, TopicSettings? held, List<PlanRefusal> refusals)
    {
        if (held is not null && held.Partitions != wanted.Partitions)
        {
            refusals.Add(new PlanRefusal(
                "topic",
                wanted.Name,
                FormattableString.Invariant(
                    $"It has {held.Partitions} partitions, and their number cannot become {wanted.Partitions}: keys would change their partition and lose their order. Make a new topic and a flow that copies."),
                false));
        }

        if (held is not null && held.Compacted != wanted.Compacted)
        {
            refusals.Add(new PlanRefusal("topic", wanted.Name, "Whether a topic is compacted cannot change. Make a new topic and a flow that copies.", false));
        }
    }

    /// <summary>A topic that leaves the project keeps its messages; what nobody has read yet nobody will.</summary>
    private async Task<string> RemovedTopicAsync(TopicDescription topic, List<PlanRefusal> refusals, CancellationToken cancellationToken)
    {
        var stored = topic.Partitions.Sum(p => p.HighOffset - p.LowOffset);
        var groups = await broker.DescribeGroupsAsync(topic.Settings.Name, cancellationToken);
        var unread = groups.Count == 0 ? stored : groups.Max(g => g.Partitions.Sum(p => p.Lag));
        if (unread > 0)
        {
            var reader = groups.Count == 0 ? "no group has read it" : $"group '{groups.MaxBy(g => g.Partitions.Sum(p => p.Lag))!.Group}' has not read them";
            refusals.Add(new PlanRefusal(
                "topic", topic.Settings.Name, FormattableString.Invariant($"It holds {unread} unread messages ({reader}). Let them be read first, or force it."), true));
        }

        return FormattableString.Invariant($"leaves the project; its {stored} stored messages stay until the topic is deleted by name");
    }

    /// <summary>Messages a sink has still to deliver would stay behind with it.</summary>
    private async Task CheckOutboxesAsync(
        ProjectConfig running, ProjectConfig candidate, Dictionary<string, TopicDescription> topics, List<PlanRefusal> refusals, CancellationToken cancellationToken)
    {
        var kept = Outboxes(candidate).Select(o => o.Topic).ToHashSet(StringComparer.Ordinal);
        foreach (var (flow, sink, topic) in Outboxes(running).Where(o => !kept.Contains(o.Topic) && topics.ContainsKey(o.Topic)))
        {
            var groups = await broker.DescribeGroupsAsync(topic, cancellationToken);
            var waiting = groups.FirstOrDefault(g => g.Group == FlowNames.SinkGroup(flow, sink))?.Partitions.Sum(p => p.Lag)
                ?? topics[topic].Partitions.Sum(p => p.HighOffset - p.LowOffset);
            if (waiting > 0)
            {
                refusals.Add(new PlanRefusal(
                    "flow", flow, FormattableString.Invariant($"Its sink '{sink}' has {waiting} messages still to deliver. Let it deliver them first, or force it."), true));
            }
        }
    }

    private static IEnumerable<(string Flow, string Sink, string Topic)> Outboxes(ProjectConfig project) =>
        project.Flows.Values.SelectMany(f => f.Branches.SelectMany(b => b.To).Where(s => s is not TopicSinkConfig)
            .Select(s => (f.Name, s.Name, FlowNames.Outbox(f.Name, s.Name))));
}
