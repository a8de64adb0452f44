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

    internal TimeProvider Time => time;

    internal string Name => _process;

    /// <summary>Begins the span of a try.</summary>
    /// <param name="message">The message.</param>
    /// <param name="parent">The message's context.</param>
    /// <param name="attempt">1 for the first.</param>
    public MessageSpan Begin(StoredMessage message, ActivityContext parent, int attempt)
    {
        var tried = new TriedMessage(message, parent, attempt, time.GetUtcNow());
        return TelemetrySource.IsWanted(parent) ? new MessageSpan(this, Start(tried), tried, 0) : new MessageSpan(this, null, tried, TelemetrySource.ShareOf(parent));
    }

    internal bool IsSlow(TimeSpan spent) => _slowest.IsSlow(spent);

    /// <summary>The activity of a try; null if nobody listens.</summary>
    internal Activity? Start(in TriedMessage tried)
    {
        // A context without a span id is a trace this message begins: there is nothing to link to.
        ActivityLink[]? links = tried.Parent.SpanId == default ? null : [new ActivityLink(tried.Parent)];
        var span = TelemetrySource.Begin(_process, ActivityKind.Consumer, tried.Parent, links, tried.Began);
        if (span is not null)
        {
            foreach (var (name, value) in TagsOf(tried))
            {
                span.SetTag(name, value);
            }
        }

        return span;
    }

    /// <summary>What is said about a try.</summary>
    internal List<KeyValuePair<string, object?>> TagsOf(in TriedMessage tried)
    {
        var message = tried.Message;
        return
        [
            .. Description(SpanNames.Process),
            new(SpanNames.Partition, message.Position.Partition.ToString(CultureInfo.InvariantCulture)),
            new(SpanNames.Offset, message.Position.Offset),
            new(SpanNames.MessageId, message.Message.Id.Value),
            new(SpanNames.BodySize, message.Message.Payload.Length),
            new(SpanNames.Attempt, tried.Attempt),
            new(SpanNames.QueueWait, (tried.Began - message.AppendedAt).TotalSeconds),
        ];
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

        foreach (var (name, value) in Description(SpanNames.Settle))
        {
            span.SetTag(name, value);
        }

        span.SetTag(SpanNames.BatchCount, count);
        SpanPart.EndAt(span, now);
        TelemetrySource.End(span);
    }

    private IEnumerable<KeyValuePair<string, object?>> Description(string operation)
    {
        yield return new(SpanNames.System, "trunkline");
        yield return new(SpanNames.OperationType, operation);
        yield return new(SpanNames.Destination, topic);
        yield return new(SpanNames.ConsumerGroup, group);
        yield return new(SpanNames.Flow, flow);
        if (sink is not null)
        {
            yield return new(SpanNames.Sink, sink);
        }
    }
}
