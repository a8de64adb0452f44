using Microsoft.Extensions.Logging;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>What the lane groups of one flow share.</summary>
internal sealed record LaneContext
{
    public required string Flow { get; init; }

    /// <summary>Blamed where a fault names no step: the flow as a whole, or the sink.</summary>
    public required string Step { get; init; }

    /// <summary>The topic or source, as steps and dead letters name it.</summary>
    public required string Topic { get; init; }

    /// <summary>The store of the flow's own state.</summary>
    public required string Store { get; init; }

    /// <summary>False where what becomes of messages is written down nowhere.</summary>
    public bool WritesOutcomes { get; init; }

    public required FlowLedger Ledger { get; init; }

    public required FlowLimits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Source of jitter, 0 ≤ x &lt; 1; thread-safe.</summary>
    public required Func<double> Jitter { get; init; }

    public required FlowMeter Meter { get; init; }

    public required FlowTracer Tracer { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Something changed that a drain may wait for.</summary>
    public required Action Changed { get; init; }

    /// <summary>Named in results whose pipeline threw instead of answering.</summary>
    public PipelineResult Threw(Exception exception)
    {
        Flows.Log.PipelineThrew(Log, Flow, exception);
        var detail = $"the flow's code threw {exception.GetType().Name}; the node's log has the details";
        return new PipelineResult.Failed(new StepFault("flow.step-threw", Step, detail, FaultClass.Retryable) { Exception = exception.GetType().FullName });
    }

    /// <summary>Some message was delayed: whoever waits for the next due one must look again.</summary>
    public required Action Delayed { get; init; }

    /// <summary>The dead letter of a message that used up its tries.</summary>
    public Message DeadLetterOf(in LaneTry run, StepFault fault)
    {
        var now = Time.GetUtcNow();
        return DeadLetter.Of(run.Message.Message, fault, new DeadLetterOrigin
        {
            Flow = Flow,
            Revision = run.Lanes.Revision.Number,
            Topic = run.Redrive?.Order.Topic ?? Topic,
            Position = run.Message.Position,
            AppendedAt = run.Message.AppendedAt,
            Attempts = run.Attempt,
            FirstFailedAt = run.FirstFailedAt ?? now,
            FailedAt = now,
        });
    }
}
