using Trunkline.Messaging;
using Trunkline.Server.State;

namespace Trunkline.Server.Steps;

/// <summary>What a pipeline made of one message: a closed family.</summary>
internal abstract record PipelineResult
{
    private PipelineResult()
    {
    }

    /// <summary>
    /// What the outside answered while the message was processed, also before a failure. The runtime appends them to the flow's
    /// effect topic in the unit that completes the message, so that a replay can answer from them.
    /// </summary>
    internal IReadOnlyList<Effects.RecordedEffect> Effects { get; init; } = [];

    /// <summary>Another model or way than the flow names gave an answer, because that one could not.</summary>
    internal bool Degraded { get; init; }

    /// <summary>What it does to the state of its key; null for nothing. Becomes durable in the same unit.</summary>
    internal StateOutcome? State { get; init; }

    /// <summary>A branch took it.</summary>
    /// <param name="Branch">Index of the branch.</param>
    /// <param name="Outputs">One per sink of the branch.</param>
    internal sealed record Delivered(int Branch, IReadOnlyList<SinkOutput> Outputs) : PipelineResult;

    /// <summary>A filter, or the lack of a matching branch, ended it.</summary>
    /// <param name="Step">The filter's name, or <c>branch</c>.</param>
    internal sealed record Filtered(string Step) : PipelineResult;

    /// <summary>A step failed. Nothing of the message may reach a sink.</summary>
    internal sealed record Failed(StepFault Fault) : PipelineResult;
}

/// <summary>A message for a sink; headers of provenance (flow, revision, models, position, traceparent) are already on it.</summary>
/// <param name="Sink">Index of the sink in the flow, over all branches.</param>
/// <param name="Message">What it gets. Its id is stable: derived from the incoming message, so that a repeat is recognisable.</param>
internal readonly record struct SinkOutput(int Sink, Message Message);

/// <summary>Whether trying again can help.</summary>
internal enum FaultClass
{
    /// <summary>A time-out, 429, 5xx: retry.</summary>
    Retryable,

    /// <summary>The message itself is at fault (broken JSON, an expression that throws, a 4xx): retrying is useless.</summary>
    Terminal,

    /// <summary>The other side answered what cannot be used: once more may help, often will not, so it is tried twice at most and never later.</summary>
    Poison,

    /// <summary>The flow gives it up on purpose: it is late, or shed. Neither retried, nor does it park its key or stop the partition.</summary>
    Dropped,
}

/// <summary>How a message failed. Text carries no payload and no secret.</summary>
/// <param name="Code">Stable, from the error catalogue (<c>step.expression-failed</c>).</param>
/// <param name="Step">The step or sink.</param>
/// <param name="Detail">For people.</param>
/// <param name="Class">Whether to retry.</param>
/// <param name="RetryAfter">Earliest next try, where the other side told.</param>
internal sealed record StepFault(string Code, string Step, string Detail, FaultClass Class, TimeSpan? RetryAfter = null)
{
    /// <summary>The type of what was thrown; null if nothing was.</summary>
    public string? Exception { get; init; }

    /// <summary>True if the next try counts as the same attempt: the far side had no room, and the flow waits for it as long as it takes.</summary>
    public bool IsUncounted { get; init; }

    /// <summary>True if the flow gives the message up on purpose.</summary>
    public bool IsDropped => Class == FaultClass.Dropped;
}
