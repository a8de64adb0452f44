using System.Text.Json;

namespace Trunkline.Client.Api;

/// <summary>Asks for recorded messages to be run again, in the background.</summary>
public sealed record StartReplayRequest
{
    /// <summary>The flow to run them through.</summary>
    public required string Flow { get; init; }

    /// <summary>The topic to take them from. Default: the one the flow reads.</summary>
    public string? Topic { get; init; }

    /// <summary>Only messages of this key; null for all.</summary>
    public string? Key { get; init; }

    /// <summary>Where to begin: a time (RFC 3339), or <c>partition/offset</c>, which keeps to that partition. Default: the oldest.</summary>
    public string? From { get; init; }

    /// <summary>Where to end, itself left out. Default: the end at the start of the replay.</summary>
    public string? To { get; init; }

    /// <summary>The revision whose flow runs them; null for the one in force.</summary>
    public long? Revision { get; init; }

    /// <summary>True to keep outputs aside in the topic <c>&lt;flow&gt;.replay</c>, in place of the flow's sinks. Default false.</summary>
    public bool Aside { get; init; }

    /// <summary>Messages a second at most, 1 to 100,000. Default 1,000.</summary>
    public int? PerSecond { get; init; }

    /// <summary><c>recorded</c> (default), <c>stub</c> or <c>fresh</c>.</summary>
    public string? Effects { get; init; }

    /// <summary>With <c>stub</c>: answers by name of model, step or call.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Stubs { get; init; }

    /// <summary>Whether sinks outside (webhooks) get what comes of it. Default false.</summary>
    public bool Send { get; init; }
}

/// <summary>Replays, newest first.</summary>
/// <param name="Replays">At most the newest 200.</param>
public sealed record ReplayList(IReadOnlyList<ReplayView> Replays);

/// <summary>A replay and how far it is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Flow">The flow.</param>
/// <param name="Topic">The topic messages are taken from.</param>
/// <param name="Revision">The revision that runs them.</param>
/// <param name="State"><c>running</c>, <c>paused</c>, <c>done</c>, <c>cancelled</c> or <c>failed</c>.</param>
/// <param name="StartedAt">When it was asked for.</param>
/// <param name="By">By whom.</param>
public sealed record ReplayView(string Id, string Flow, string Topic, long Revision, string State, DateTimeOffset StartedAt, string By)
{
    /// <summary>The topic outputs are kept aside in; null if they go to the flow's sinks.</summary>
    public string? AsideIn { get; init; }

    /// <summary>Messages in its range at the start.</summary>
    public long Total { get; init; }

    /// <summary>Of them read.</summary>
    public long Read { get; init; }

    /// <summary>Of them passed over, because their key is another.</summary>
    public long OtherKey { get; init; }

    /// <summary>Outputs stored.</summary>
    public long Stored { get; init; }

    /// <summary>Outputs not stored, because an earlier replay of the same revision had stored them: within the topic's dedupe window a replay acts once.</summary>
    public long Duplicates { get; init; }

    /// <summary>Outputs for sinks outside that were not sent, because nobody asked for it.</summary>
    public long NotSent { get; init; }

    /// <summary>Messages filtered.</summary>
    public long Filtered { get; init; }

    /// <summary>Messages that failed; nothing came of them.</summary>
    public long Failed { get; init; }

    /// <summary>How they failed.</summary>
    public IReadOnlyList<ReplayFailureView> Failures { get; init; } = [];

    /// <summary>Times the node was started anew while it ran; it went on where it was.</summary>
    public int Restarts { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed; null if it did not.</summary>
    public string? Reason { get; init; }
}

/// <summary>A kind of failure in a replay.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Step">The step.</param>
/// <param name="Count">Messages that failed so.</param>
/// <param name="Example">The first of them: <c>partition/offset</c>.</param>
public sealed record ReplayFailureView(string Code, string Step, long Count, string Example);
