namespace Trunkline.Client.Api;

/// <summary>All flows.</summary>
/// <param name="Flows">By name.</param>
public sealed record FlowList(IReadOnlyList<FlowView> Flows);

/// <summary>A flow and how it does.</summary>
public sealed record FlowView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>running</c>, <c>paused</c>, <c>partly-stopped</c>, <c>stopped</c> or <c>failed</c>.</summary>
    public required string State { get; init; }

    /// <summary>Where it reads: <c>topic:name</c>, <c>maildir:path</c>, <c>http:/path</c>.</summary>
    public required string From { get; init; }

    /// <summary>Its group; null for sources without one.</summary>
    public string? Group { get; init; }

    /// <summary>Revision in force; 0 for flows written in C# outside revisions.</summary>
    public long Revision { get; init; }

    /// <summary>Owner's name, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>Names of its steps, in order.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>Names of the models it calls.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Where it writes.</summary>
    public IReadOnlyList<SinkView> Sinks { get; init; } = [];

    /// <summary>Messages not completed; null for sources without a group.</summary>
    public long? Lag { get; init; }

    /// <summary>Messages being worked on now.</summary>
    public long InFlight { get; init; }

    /// <summary>Messages received since the node started.</summary>
    public long Received { get; init; }

    /// <summary>Of them delivered to their sinks.</summary>
    public long Delivered { get; init; }

    /// <summary>Of them filtered.</summary>
    public long Filtered { get; init; }

    /// <summary>Of them dead-lettered.</summary>
    public long DeadLettered { get; init; }

    /// <summary>Retries made.</summary>
    public long Retries { get; init; }

    /// <summary>Faults injected into it at present.</summary>
    public IReadOnlyList<FaultInjectionView> Faults { get; init; } = [];

    /// <summary>Timers of keys that are running; of each partition at most the next 10,000.</summary>
    public long Timers { get; init; }

    /// <summary>Keys parked until an operator releases them.</summary>
    public int ParkedKeys { get; init; }

    /// <summary>Keys, and messages without key, that wait for a later try.</summary>
    public int Delayed { get; init; }

    /// <summary>Why it is not running, or its latest trouble; null for none.</summary>
    public TroubleView? Trouble { get; init; }
}

/// <summary>A sink of a flow.</summary>
/// <param name="Name">Unique in the flow.</param>
/// <param name="Kind"><c>topic</c>, <c>webhook</c>, …</param>
/// <param name="Target">Topic name, or the address without query and user information.</param>
/// <param name="Pending">Messages it still has to deliver; 0 for topics, which are written in the commit.</param>
/// <param name="Delivered">Messages delivered since the node started.</param>
/// <param name="Trouble">Its latest trouble, or null.</param>
/// <param name="Breaker">How its breaker stands; null without one.</param>
public sealed record SinkView(string Name, string Kind, string Target, long Pending, long Delivered, TroubleView? Trouble, BreakerView? Breaker = null);

/// <summary>The breaker of a sink.</summary>
/// <param name="State"><c>closed</c>: messages go out; <c>open</c>: it pauses and messages wait; <c>probing</c>: one message shows whether the far side works again.</param>
/// <param name="Failures">Failures in a row.</param>
/// <param name="Since">When it opened; null while it is closed.</param>
/// <param name="NextProbe">When the pause ends; null unless it pauses.</param>
public sealed record BreakerView(string State, int Failures, DateTimeOffset? Since, DateTimeOffset? NextProbe);

/// <summary>Something that went wrong; no payload, no secret.</summary>
/// <param name="Code">From the error catalogue.</param>
/// <param name="Detail">For people.</param>
/// <param name="At">When.</param>
public sealed record TroubleView(string Code, string Detail, DateTimeOffset At);

/// <summary>All models.</summary>
/// <param name="Models">By name.</param>
public sealed record ModelList(IReadOnlyList<ModelView> Models);

/// <summary>A model and who calls it.</summary>
/// <param name="Name">Its name in the project.</param>
/// <param name="Kind"><c>lexicon</c>, <c>mlnet</c>, <c>openai</c>, …</param>
/// <param name="Version">What answers (<c>mlnet@3fa9c1</c>); null while it is not loaded.</param>
/// <param name="UsedBy">Flows that call it.</param>
public sealed record ModelView(string Name, string Kind, string? Version, IReadOnlyList<string> UsedBy);
