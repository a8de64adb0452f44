using Trunkline.Server.Configuration;
using Trunkline.Server.Flows.Contracts;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>One revision of a running flow: its pipelines, where its sinks lead, and how failures are met. Immutable.</summary>
internal sealed class FlowRevision
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _laneGroups;

    public FlowRevision(int number, IPipelineFactory pipelines, FailureRules rules, IReadOnlyList<SinkTarget> targets)
    {
        Number = number;
        Pipelines = pipelines;
        Rules = rules;
        Targets = targets;
    }

    public int Number { get; }

    public IPipelineFactory Pipelines { get; }

    public FailureRules Rules { get; }

    /// <summary>Per sink of <see cref="IPipelineFactory.Sinks"/>, where its messages are appended.</summary>
    public IReadOnlyList<SinkTarget> Targets { get; }

    /// <summary>Messages worked on at once.</summary>
    public int Lanes { get; init; } = 16;

    /// <summary>The sink whose outbox is carried; empty for the flow itself.</summary>
    public string Sink { get; init; } = "";

    /// <summary>The flow's SLO: the longest a message may take; zero for none.</summary>
    public TimeSpan Within { get; init; }

    /// <summary>What the outcomes of this revision share.</summary>
    public OutcomeOrigin Origin => field ??= new OutcomeOrigin(Sink, Number, Within, [.. Targets.Select(target => new OutcomeSink(target.Sink, FlowNames.IsOutbox(target.Topic)))]);

    /// <summary>Completes when another revision has taken over and the last message that began with this one is done.</summary>
    public Task Drained => _drained.Task;

    /// <summary>The same for a new runner.</summary>
    public FlowRevision Again() => new(Number, Pipelines, Rules, Targets) { Lanes = Lanes, Sink = Sink, Within = Within };

    /// <summary>A lane group uses the revision from now on.</summary>
    public void Enter() => Interlocked.Increment(ref _laneGroups);

    /// <summary>A lane group is through with it for good.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _laneGroups) == 0)
        {
            _drained.TrySetResult();
        }
    }
}

/// <summary>How failures of a flow are met.</summary>
/// <param name="Retry">Retries in place.</param>
/// <param name="OnFailure">What follows when they are used up.</param>
/// <param name="DeadTopic">Where dead letters go.</param>
/// <param name="EffectTopic">Where answered effects are recorded.</param>
/// <param name="ParkedTopic">Where messages of parked keys wait.</param>
internal sealed record FailureRules(RetryConfig Retry, FailurePolicy OnFailure, string DeadTopic, string EffectTopic, string ParkedTopic);

/// <summary>The topic a sink's messages are appended to: the sink's own, or its outbox.</summary>
/// <param name="Sink">The sink's name, for metrics and dead letters.</param>
/// <param name="Topic">The topic.</param>
/// <param name="MessageBytesMax">The largest message it takes.</param>
internal sealed record SinkTarget(string Sink, string Topic, int MessageBytesMax)
{
    /// <summary>What its messages are held to; null for nothing.</summary>
    public SinkContract? Contract { get; init; }

    /// <summary>The partition all its messages go to; null lets the key decide.</summary>
    public int? Partition { get; init; }
}
