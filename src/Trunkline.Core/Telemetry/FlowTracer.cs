using System.Diagnostics;
using System.Globalization;
using Trunkline.Messaging;

namespace Trunkline.Core.Telemetry;

/// <summary>The spans of one flow, or of one of its sinks. Thread-safe.</summary>
/// <param name="flow">The flow.</param>
/// <param name="sink">The sink; null for the flow itself.</param>
/// <param name="topic">The topic or source it reads.</param>
/// <param name="group">Its group.</param>
/// <param name="time">The clock.</param>
public sealed class FlowTracer(string flow, string? sink, string topic, string group, TimeProvider time)
{
    private readonly string _process = $"{SpanNames.Process} {topic}";
    private readonly string _settle = $"{SpanNames.Settle} {flow}";
    private readonly SlowestKept _slowest = new(time);

    /// <summary>Begins the span of a try; null if nobody listens.</summary>
    /// <param name="message">The message.</param>
    /// <param name="parent">The message's context.</param>
    /// <param name="attempt">1 for the first.</param>
    public MessageSpan? Begin(StoredMessage message, ActivityContext parent, int attempt)
    {
        var now = time.GetUtcNow();

        // A context without a span id is a trace this message begins: there is nothing to link to.
        ActivityLink[]? links = parent.SpanId == default ? null : [new ActivityLink(parent)];
        var span = TelemetrySource.Begin(_process, ActivityKind.Consumer, parent, links, now);
        if (span is null)
        {
            return null;
        }

        Describe(span, SpanNames.Process);
        span.SetTag(SpanNames.Partition, message.Position.Partition.ToString(CultureInfo.InvariantCulture));
        span.SetTag(SpanNames.Offset, message.Position.Offset);
        span.SetTag(SpanNames.MessageId, message.Message.Id.Value);
        span.SetTag(SpanNames.BodySize, message.Message.Payload.Length);
        span.SetTag(SpanNames.Attempt, attempt);
        span.SetTag(SpanNames.QueueWait, (now - message.AppendedAt).TotalSeconds);
        return new MessageSpan(span, message.AppendedAt, _slowest, time);
    }

    /// <summary>One unit is durable.</summary>
    /// <param name="messages">Contexts of its messages.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="took">How long the commit took.</param>
    public void Settled(IEnumerable<ActivityContext> messages, int count, TimeSpan took)
    {
        var now = time.GetUtcNow();
        var links = messages.Take(TelemetrySource.LinksMax).Select(context => new ActivityLink(context));
        var span = TelemetrySource.Begin(_settle, ActivityKind.Client, default, links, now - took);
        if (span is null)
        {
            return;
        }

        Describe(span, SpanNames.Settle);
        span.SetTag(SpanNames.BatchCount, count);
        SpanPart.EndAt(span, now);
        TelemetrySource.End(span);
    }

    private void Describe(Activity span, string operation)
    {
        span.SetTag(SpanNames.System, "trunkline");
        span.SetTag(SpanNames.OperationType, operation);
        span.SetTag(SpanNames.Destination, topic);
        span.SetTag(SpanNames.ConsumerGroup, group);
        span.SetTag(SpanNames.Flow, flow);
        if (sink is not null)
        {
            span.SetTag(SpanNames.Sink, sink);
        }
    }
}
