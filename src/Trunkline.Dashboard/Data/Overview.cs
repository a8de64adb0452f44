using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>All that the first page shows, read at one moment.</summary>
public sealed record Overview
{
    /// <summary>When it was read.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What the node is.</summary>
    public required Loaded<NodeView> Node { get; init; }

    /// <summary>Topics but Trunkline's own.</summary>
    public required Loaded<IReadOnlyList<TopicView>> Topics { get; init; }

    /// <summary>Flows.</summary>
    public required Loaded<IReadOnlyList<FlowView>> Flows { get; init; }

    /// <summary>Models.</summary>
    public required Loaded<IReadOnlyList<ModelView>> Models { get; init; }

    /// <summary>The dead letters that wait longest.</summary>
    public required Loaded<DeadLetterPage> DeadLetters { get; init; }

    /// <summary>What is wrong, and was.</summary>
    public Loaded<AlertList> Alerts { get; init; } = new(null, null);

    /// <summary>Fidelity of the last day.</summary>
    public Loaded<FidelityList> Fidelity { get; init; } = new(null, null);

    /// <summary>Fidelity of one flow; null if it finished no message.</summary>
    internal double? FidelityOf(string flow) => Fidelity.Value?.Flows.FirstOrDefault(one => one.Flow == flow)?.All.Fidelity;

    /// <summary>Messages the groups of a topic have not completed; null without groups.</summary>
    internal static long? Lag(TopicView topic) => topic.Groups.Count == 0 ? null : topic.Groups.Max(group => group.Lag);
}
