namespace Trunkline.Client.Api;

/// <summary>What runs on a node, and what passes between: nodes and edges with their figures.</summary>
/// <param name="At">When it was drawn.</param>
/// <param name="WindowSeconds">Rates, counts and times are over this many seconds before, at most five minutes.</param>
/// <param name="Nodes">Sources, topics, flows, models, sinks, groups, dead letters; by id.</param>
/// <param name="Edges">What passes between two of them; by id.</param>
public sealed record MapView(DateTimeOffset At, double WindowSeconds, IReadOnlyList<MapNode> Nodes, IReadOnlyList<MapEdge> Edges);

/// <summary>Something messages pass, wait in, or are asked of.</summary>
public sealed record MapNode
{
    /// <summary>Kind and name, such as <c>topic:mail.received</c>; the same in every map of the node.</summary>
    public required string Id { get; init; }

    /// <summary><c>source</c>, <c>topic</c>, <c>flow</c>, <c>model</c>, <c>sink</c>, <c>group</c> (consumers outside of flows) or <c>dead</c> (dead letters).</summary>
    public required string Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its owner; null for none.</summary>
    public string? Owner { get; init; }

    /// <summary><c>good</c>, <c>warn</c> or <c>bad</c>.</summary>
    public string State { get; init; } = "good";

    /// <summary>Why it is not good; null if it is.</summary>
    public string? Trouble { get; init; }

    /// <summary>Its figures.</summary>
    public required MapFigures Figures { get; init; }
}

/// <summary>A hop: what passes from one node to another.</summary>
public sealed record MapEdge
{
    /// <summary>The ids of both ends, with <c>-&gt;</c> between.</summary>
    public required string Id { get; init; }

    /// <summary>Where it comes from.</summary>
    public required string From { get; init; }

    /// <summary>Where it goes.</summary>
    public required string To { get; init; }

    /// <summary><c>publish</c>, <c>consume</c>, <c>append</c>, <c>infer</c>, <c>deliver</c>, <c>retry</c>, <c>dead</c> or <c>redrive</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its figures.</summary>
    public required MapFigures Figures { get; init; }
}

/// <summary>Figures of a node or an edge; what does not apply, or was not seen in the window, is null.</summary>
public sealed record MapFigures
{
    /// <summary>Messages, or questions, a second.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Share of them that failed, 0 to 1: tries, questions or deliveries, as the edge has it.</summary>
    public double? ErrorShare { get; init; }

    /// <summary>Half took at most this long, in milliseconds, without the wait before.</summary>
    public double? P50Ms { get; init; }

    /// <summary>95 of 100 took at most this long.</summary>
    public double? P95Ms { get; init; }

    /// <summary>99 of 100 took at most this long.</summary>
    public double? P99Ms { get; init; }

    /// <summary>Half waited at most this long before, in milliseconds: in the topic, or for room at the model.</summary>
    public double? WaitP50Ms { get; init; }

    /// <summary>95 of 100 waited at most this long.</summary>
    public double? WaitP95Ms { get; init; }

    /// <summary>99 of 100 waited at most this long.</summary>
    public double? WaitP99Ms { get; init; }

    /// <summary>Messages not completed. Of a topic: by the group that is furthest behind.</summary>
    public long? LagMessages { get; init; }

    /// <summary>Age of the oldest of them, in seconds.</summary>
    public double? LagSeconds { get; init; }

    /// <summary>Messages held: in a topic, in flight in a flow, or as dead letters.</summary>
    public long? Messages { get; init; }

    /// <summary>Keys parked until an operator releases them.</summary>
    public long? ParkedKeys { get; init; }

    /// <summary>Messages that wait for a later try.</summary>
    public long? Delayed { get; init; }
}
