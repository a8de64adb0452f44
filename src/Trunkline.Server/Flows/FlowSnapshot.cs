using Trunkline.Core.Limits;
using Trunkline.Messaging;

namespace Trunkline.Server.Flows;

/// <summary>How a flow stands at a moment.</summary>
public sealed record FlowSnapshot
{
    /// <summary>How <see cref="Reason"/> begins while commits wait for something.</summary>
    internal const string CommitsWait = "commits wait: ";

    /// <summary>The flow.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it works.</summary>
    public required FlowState State { get; init; }

    /// <summary>Why it failed, or what commits wait for, or why its source cannot be read; null if all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>The revision new messages begin with.</summary>
    public required int Revision { get; init; }

    /// <summary>Where it reads: the topic, the folder, or the path.</summary>
    public required string Source { get; init; }

    /// <summary>The topic it reads; null for other sources.</summary>
    public string? Topic { get; init; }

    /// <summary>The group whose positions it keeps; null for sources with a cursor of their own.</summary>
    public string? Group { get; init; }

    /// <summary>Messages not completed in the source topic; null where there is none.</summary>
    public long? Lag { get; init; }

    /// <summary>When the oldest of them was appended; null if there is none, or the broker cannot tell.</summary>
    public DateTimeOffset? OldestAppendedAt { get; init; }

    /// <summary>Messages taken and not committed.</summary>
    public required int InFlight { get; init; }

    /// <summary>Of those, waiting for a retry or behind one of their key.</summary>
    public required int HeldBack { get; init; }

    /// <summary>Keys parked by the failure policy, until an operator releases them.</summary>
    public required int ParkedKeys { get; init; }

    /// <summary>Keys, and messages without key, that wait for a later try.</summary>
    public required int Delayed { get; init; }

    /// <summary>Timers of keys that are running; of each partition at most the next 10,000.</summary>
    public int Timers { get; init; }

    /// <summary>Whether one of them is due and not yet on its way.</summary>
    public bool IsTimerDue { get; init; }

    /// <summary>Counts since it started on this node.</summary>
    public required FlowCounts Counts { get; init; }

    /// <summary>Messages taken a second, over the time since the last snapshot but one (at least a second).</summary>
    public double InPerSecond { get; init; }

    /// <summary>Messages finished a second, over the same time.</summary>
    public double DonePerSecond { get; init; }

    /// <summary>Partitions the failure policy stopped.</summary>
    public required IReadOnlyList<StoppedPartition> Stopped { get; init; }

    /// <summary>The sinks that are no topics, each with its own cursor.</summary>
    public required IReadOnlyList<SinkSnapshot> Sinks { get; init; }
}

/// <summary>How a sink with its own cursor stands.</summary>
public sealed record SinkSnapshot
{
    /// <summary>The sink.</summary>
    public required string Name { get; init; }

    /// <summary>Its kind: <c>webhook</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether it works.</summary>
    public required FlowState State { get; init; }

    /// <summary>Why not; null if all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>Messages waiting in its outbox.</summary>
    public long Lag { get; init; }

    /// <summary>Messages the far side took.</summary>
    public required long Delivered { get; init; }

    /// <summary>Further tries scheduled.</summary>
    public required long Retries { get; init; }

    /// <summary>Messages that became dead letters here.</summary>
    public required long DeadLettered { get; init; }

    /// <summary>Messages taken from the outbox and not through.</summary>
    public int InFlight { get; init; }

    /// <summary>How its breaker stands; null without one.</summary>
    public BreakerReport? Breaker { get; init; }
}

/// <summary>A parked key, or a delayed message without key.</summary>
public sealed record ParkedKeySnapshot
{
    /// <summary>The key; null for a message without key.</summary>
    public required MessageKey? Key { get; init; }

    /// <summary>Its partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Messages that wait, the failed one included.</summary>
    public required int Waiting { get; init; }

    /// <summary>When the first in line is tried again by itself; null if an operator must release it.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The place in the source of the message an operator is awaited for; null if it is tried by itself.</summary>
    public long? FailedOffset { get; init; }

    /// <summary>How often the first in line was tried.</summary>
    public int Attempts { get; init; }
}
