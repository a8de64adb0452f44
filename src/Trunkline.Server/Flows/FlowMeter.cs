using System.Diagnostics.Metrics;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Flows;

/// <summary>
/// The instruments of one flow. Messages are counted once per commit unit and per sink, never one by one; durations are taken
/// from one message of each hand-over. Thread-safe.
/// </summary>
internal sealed class FlowMeter
{
    private static readonly Meter Meter = new(TelemetryNames.Source);

    private static readonly Counter<long> HopMessages = Meter.CreateCounter<long>(
        TelemetryNames.HopMessages, "{message}", "Messages through a hop");

    private static readonly Histogram<double> HopDuration = Meter.CreateHistogram<double>(
        TelemetryNames.HopDuration, "s", "Time in a flow's steps, one message of each hand-over");

    private static readonly Histogram<double> QueueWait = Meter.CreateHistogram<double>(
        TelemetryNames.QueueWait, "s", "From append to the start of the steps at the first try, one message of each hand-over");

    private static readonly Histogram<double> CommitDuration = Meter.CreateHistogram<double>(
        TelemetryNames.CommitDuration, "s", "Time of one commit unit");

    private static readonly Histogram<long> CommitMessages = Meter.CreateHistogram<long>(
        TelemetryNames.CommitMessages, "{message}", "Messages finished by one commit unit");

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(TelemetryNames.Retries, "{retry}", "Further tries");

    private static readonly Counter<long> DeadLetters = Meter.CreateCounter<long>(TelemetryNames.DeadLetters, "{message}", "Dead letters");

    private readonly TimeProvider _time;
    private readonly KeyValuePair<string, object?> _flow;
    private readonly string _hop;
    private readonly KeyValuePair<string, object?> _hopLabel;

    /// <param name="flow">The flow.</param>
    /// <param name="hop">What messages pass here: <c>in</c> for the flow itself, or the sink.</param>
    /// <param name="time">The clock.</param>
    public FlowMeter(string flow, string hop, TimeProvider time)
    {
        _time = time;
        _hop = hop;
        _hopLabel = Label(TelemetryNames.Hop, hop);
        _flow = new KeyValuePair<string, object?>(TelemetryNames.Flow, flow);
    }

    /// <summary>A message went through the steps, begun at the timestamp.</summary>
    /// <param name="message">The message.</param>
    /// <param name="started">When the steps began.</param>
    /// <param name="isFirst">False for what was tried, parked or dead before: the time since its append is no wait in the topic then.</param>
    public void Ran(StoredMessage message, long started, bool isFirst)
    {
        if (!HopDuration.Enabled && !QueueWait.Enabled)
        {
            return;
        }

        var spent = _time.GetElapsedTime(started);
        HopDuration.Record(spent.TotalSeconds, _flow, _hopLabel);
        if (isFirst)
        {
            QueueWait.Record(Math.Max(0, (_time.GetUtcNow() - spent - message.AppendedAt).TotalSeconds), _flow, _hopLabel);
        }
    }

    public void Retried(StepFault fault) => Retries.Add(1, _flow, Label(TelemetryNames.Step, fault.Step), Label(TelemetryNames.Cause, fault.Code));

    public void DeadLettered(StepFault fault) =>
        DeadLetters.Add(1, _flow, Label(TelemetryNames.Step, fault.Step), Label(TelemetryNames.Cause, fault.Code));

    /// <summary>A unit is durable.</summary>
    public void Committed(List<TakenWork> unit, TimeSpan spent)
    {
        CommitDuration.Record(spent.TotalSeconds, _flow, _hopLabel);
        var messages = 0;
        foreach (var (_, gather, _) in unit)
        {
            messages += gather.Completed.Count;
            Count(_hop, "delivered", gather.Delivered);
            Count(_hop, "filtered", gather.Filtered);
            Count(_hop, "dead", gather.DeadLettered);
            Count(_hop, "parked", gather.Parked);
            Count(_hop, "delayed", gather.Delayed);
            foreach (var (target, appended) in gather.Appends)
            {
                Count(target.Sink, "appended", appended.Count);
            }
        }

        CommitMessages.Record(messages, _flow, _hopLabel);
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private void Count(string hop, string outcome, int messages)
    {
        if (messages > 0)
        {
            HopMessages.Add(messages, _flow, Label(TelemetryNames.Hop, hop), Label(TelemetryNames.Outcome, outcome));
        }
    }
}
