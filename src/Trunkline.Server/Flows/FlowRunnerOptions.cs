using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors;

namespace Trunkline.Server.Flows;

/// <summary>What a <see cref="FlowRunner"/> is made of.</summary>
internal sealed record FlowRunnerOptions
{
    /// <summary>The flow.</summary>
    public required string Flow { get; init; }

    /// <summary>The sink, if this is the runner of a sink's outbox; null for the flow itself.</summary>
    public string? Sink { get; init; }

    /// <summary>The topic or source, as steps and dead letters name it.</summary>
    public required string Topic { get; init; }

    /// <summary>Whether it reads that topic; false for sources of another kind.</summary>
    public bool ReadsTopic { get; init; } = true;

    /// <summary>The store of its own state.</summary>
    public required string Store { get; init; }

    /// <summary>Where what becomes of messages is written down; null for nowhere.</summary>
    public string? OutcomeTopic { get; init; }

    public required IBroker Broker { get; init; }

    /// <summary>Opens the source; called again when it has to be opened afresh, after the older one was closed.</summary>
    public required Func<CancellationToken, ValueTask<IFlowSource>> Open { get; init; }

    /// <summary>The revision to begin with.</summary>
    public required FlowRevision Revision { get; init; }

    public FlowLimits Limits { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Source of jitter, 0 ≤ x &lt; 1; thread-safe.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    public required ILogger Log { get; init; }

    /// <summary>This process, to tell a death from a partition taken anew.</summary>
    public Guid Process { get; init; } = OwnProcess;

    private static readonly Guid OwnProcess = Guid.NewGuid();

    /// <summary>Set when something was delayed, or found delayed.</summary>
    public ChangeSignal Delayed { get; } = new();
}

/// <summary>Whether a flow works.</summary>
public enum FlowState
{
    /// <summary>It takes messages.</summary>
    Running,

    /// <summary>An operator paused it.</summary>
    Paused,

    /// <summary>The failure policy stopped some of its partitions; the others go on.</summary>
    PartlyStopped,

    /// <summary>It was stopped, or never started.</summary>
    Stopped,

    /// <summary>It met what no retry mends.</summary>
    Failed,
}

/// <summary>What a runner tells about itself.</summary>
internal sealed record FlowRunnerStatus
{
    public required FlowState State { get; init; }

    /// <summary>Why it failed, or what commits wait for; null if all is well.</summary>
    public string? Reason { get; init; }

    public required IReadOnlyList<StoppedPartition> Stopped { get; init; }

    public required int Revision { get; init; }

    /// <summary>Messages taken and not committed.</summary>
    public required int InFlight { get; init; }

    /// <summary>Of those, waiting for a retry or behind one.</summary>
    public required int HeldBack { get; init; }

    /// <summary>Keys that are parked until an operator releases them.</summary>
    public required int ParkedKeys { get; init; }

    /// <summary>Keys, and messages without key, that wait for a later try.</summary>
    public required int Delayed { get; init; }

    /// <summary>Timers running.</summary>
    public required int Timers { get; init; }

    /// <summary>Whether one of them is due and not yet on its way.</summary>
    public required bool IsTimerDue { get; init; }

    public required FlowCounts Counts { get; init; }
}
