namespace Trunkline.Client.Api;

/// <summary>What runs on a node, and what passes between: nodes and edges with their figures.</summary>
/// <param name="At">When it was drawn; the time that was asked for.</param>
/// <param name="WindowSeconds">Rates, counts and times are over this many seconds: at most five minutes, of which the time is the last; further back the hour or the day; 0 if nothing was kept of that time.</param>
/// <param name="Nodes">Sources, topics, flows, models, sinks, groups, dead letters; by id.</param>
/// <param name="Edges">What passes between two of them; by id.</param>
public sealed record MapView(DateTimeOffset At, double WindowSeconds, IReadOnlyList<MapNode> Nodes, IReadOnlyList<MapEdge> Edges)
{
    /// <summary>Nodes on the whole map, of which these may be a part.</summary>
    public int? Total { get; init; }

    /// <summary>Owners on the whole map.</summary>
    public IReadOnlyList<string>? Owners { get; init; }

    /// <summary>The revision in force at that time; null if it cannot be drawn any more, and the one in force now stands in for it.</summary>
    public int? Revision { get; init; }

    /// <summary>The time it is held against; null for none.</summary>
    public DateTimeOffset? Against { get; init; }

    /// <summary>Seconds the figures of that time are over; 0 if nothing was kept of it.</summary>
    public double? AgainstWindowSeconds { get; init; }

    /// <summary>The revision in force at that time.</summary>
    public int? AgainstRevision { get; init; }

    /// <summary>What was changed between the two times, newest first, 100 at most; null without another time.</summary>
    public IReadOnlyList<ChangeView>? Changes { get; init; }
}

/// <summary>How a node or a hop differs from another time.</summary>
/// <param name="Kind"><c>new</c>, <c>gone</c>, <c>changed</c> or <c>same</c>.</param>
/// <param name="Words">In what: <c>slower</c>, <c>faster</c>, <c>waits longer</c>, <c>waits less</c>, <c>fails more</c>, <c>fails less</c>, <c>more traffic</c>, <c>less traffic</c>, <c>further behind</c>, <c>less behind</c>.</param>
/// <param name="Was">The figures of the other time; null if it was not there.</param>
public sealed record MapDifferenceView(string Kind, IReadOnlyList<string> Words, MapFigures? Was);

/// <summary>Something messages pass, wait in, or are asked of.</summary>
public sealed record MapNode
{
    /// <summary>Kind and name, such as <c>topic:mail.received</c>; the same in every map of the node.</summary>
    public required string Id { get; init; }

    /// <summary><c>source</c>, <c>topic</c>, <c>flow</c>, <c>model</c>, <c>sink</c>, <c>group</c> (consumers outside of flows), <c>dead</c> (dead letters), or <c>owner</c> for all of an owner; from traces of others <c>service</c>, <c>queue</c>, <c>database</c>, <c>external</c> or <c>unknown</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How many nodes it stands for, if it is all of an owner.</summary>
    public int? Members { get; init; }

    /// <summary>Its owner; null for none.</summary>
    public string? Owner { get; init; }

    /// <summary><c>good</c>, <c>warn</c> or <c>bad</c>.</summary>
    public string State { get; init; } = "good";

    /// <summary>Why it is not good; null if it is.</summary>
    public string? Trouble { get; init; }

    /// <summary>Its figures.</summary>
    public required MapFigures Figures { get; init; }

    /// <summary>How it differs from another time; null without one.</summary>
    public MapDifferenceView? Difference { get; init; }

    /// <summary>What the project says otherwise than at the other time, for people; null if it says the same.</summary>
    public IReadOnlyList<string>? Changed { get; init; }
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

    /// <summary><c>publish</c>, <c>consume</c>, <c>append</c>, <c>infer</c>, <c>deliver</c>, <c>retry</c>, <c>dead</c>, <c>redrive</c> or <c>call</c>; <c>passes</c> between owners.</summary>
    public required string Kind { get; init; }

    /// <summary>Its figures.</summary>
    public required MapFigures Figures { get; init; }

    /// <summary>How it differs from another time; null without one.</summary>
    public MapDifferenceView? Difference { get; init; }
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

    /// <summary>How many messages a second the lag grows by, over the last minutes; negative while it shrinks. At a node of the map as it is only.</summary>
    public double? LagPerSecond { get; init; }

    /// <summary>Messages held: in a topic, in flight in a flow, or as dead letters.</summary>
    public long? Messages { get; init; }

    /// <summary>Keys parked until an operator releases them.</summary>
    public long? ParkedKeys { get; init; }

    /// <summary>Messages that wait for a later try.</summary>
    public long? Delayed { get; init; }

    /// <summary>Of services that send their traces: the share of hand-overs of which both halves are known, 0 to 1.</summary>
    public double? Coverage { get; init; }

    /// <summary>By how much the clock at the end of the edge is ahead of the one at its beginning (behind, if negative); null unless it shows.</summary>
    public double? SkewMs { get; init; }
}

/// <summary>Which map is asked for.</summary>
public sealed record MapQuestion
{
    /// <summary>What the header <c>Prefer</c> says to have what is not known left out of the answer, instead of written as null.</summary>
    public const string WithoutNulls = "omit-values=nulls";

    /// <summary>Kinds of nodes that can be left out.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["source", "topic", "model", "sink", "group", "dead", "service", "queue", "database", "external", "unknown"];

    /// <summary>A time such as <c>2026-01-31T12:00Z</c> or an age such as <c>2h</c>; null for now.</summary>
    public string? At { get; init; }

    /// <summary>The time it is held against; null for none.</summary>
    public string? Against { get; init; }

    /// <summary>Only what has this in its name, id or owner, and its neighbours.</summary>
    public string? Find { get; init; }

    /// <summary>Only what belongs to this owner, and its neighbours.</summary>
    public string? Owner { get; init; }

    /// <summary><c>trouble</c> for only what is not well, and its neighbours.</summary>
    public string? Only { get; init; }

    /// <summary>Kinds to leave out, with commas between.</summary>
    public string? Hide { get; init; }

    /// <summary><c>owner</c> to draw all of an owner as one, <c>auto</c> if there would be too much to read else, <c>none</c>.</summary>
    public string? Group { get; init; }

    /// <summary>As the query of an address; empty for the whole map as it is.</summary>
    public string Query => string.Join('&', new[] { ("at", At), ("against", Against), ("find", Find), ("owner", Owner), ("only", Only), ("hide", Hide), ("group", Group) }
        .Where(part => !string.IsNullOrEmpty(part.Item2)).Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2!)}"));

    /// <summary>As the API takes it. Most figures of a map are not known, and three quarters of its text would say so.</summary>
    internal HttpRequestMessage ToRequest() =>
        new(HttpMethod.Get, Query is { Length: > 0 } query ? $"/api/v1/map?{query}" : "/api/v1/map") { Headers = { { "Prefer", WithoutNulls } } };
}
