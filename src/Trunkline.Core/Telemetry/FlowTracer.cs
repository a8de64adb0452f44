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

    /// <summary>Begins the span of a try. Whether its trace is wanted is decided here, once; of most it is not, and of these only times are noted.</summary>
    /// <param name="message">The message.</param>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="lane">The lanes it is taken by.</param>
    public MessageSpan Begin(StoredMessage message, int attempt, LanePlace lane)
    {
        ArgumentNullException.ThrowIfNull(message);
        var mark = TraceParent.MarkOf(message.Message);
        var tried = new TriedMessage(message.Message.Id, message.Position, message.Message.Payload.Length, message.AppendedAt, attempt, time.GetUtcNow(), lane);
        var isWanted = TelemetrySource.IsWanted(mark);
        var share = isWanted ? 0 : TelemetrySource.ShareOf(mark);
        if (!isWanted && share == 0)
        {
            return new MessageSpan(this, tried, message.Message);
        }

        var parent = TraceParent.ContextOf(message.Message);
        return new MessageSpan(this, tried, (message.Message, parent), isWanted ? Start(tried, parent) : null, share);
    }

    internal bool IsSlow(TimeSpan spent) => _slowest.IsSlow(spent);

    /// <summary>The times of a try that is over, without its parts.</summary>
    internal TryTimes TimesOf(in TriedMessage tried, Message message, DateTimeOffset ended) => new(flow, sink, topic, tried.Position, tried.Lane)
    {
        Place = sink is null ? tried.Position : SourcePlace.Of(message, tried.Position),
        Key = message.Key?.GetHashCode(),
        Came = tried.AppendedAt.UtcTicks,
        Began = tried.Began.UtcTicks,
        Ended = ended.UtcTicks,
    };

    /// <summary>The activity of a try; null if nobody listens.</summary>
    internal Activity? Start(in TriedMessage tried, in ActivityContext parent)
    {
        // A context without a span id is a trace this message begins: there is nothing to link to.
        ActivityLink[]? links = parent.SpanId == default ? null : [new ActivityLink(parent)];
        var span = TelemetrySource.Begin(_process, ActivityKind.Consumer, parent, links, tried.Began);
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
        return
        [
            .. Description(SpanNames.Process),
            new(SpanNames.Partition, tried.Position.Partition.ToString(CultureInfo.InvariantCulture)),
            new(SpanNames.Offset, tried.Position.Offset),
            new(SpanNames.MessageId, tried.Id.Value),
            new(SpanNames.BodySize, tried.Bytes),
            new(SpanNames.Attempt, tried.Attempt),
            new(SpanNames.QueueWait, (tried.Began - tried.AppendedAt).TotalSeconds),
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
