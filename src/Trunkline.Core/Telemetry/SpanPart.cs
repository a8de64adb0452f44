using System.Diagnostics;

namespace Trunkline.Core.Telemetry;

/// <summary>A part of a message's span: a step, a question to a model, a request. Its time ends when it is disposed. One thread at a time.</summary>
public sealed class SpanPart : IDisposable
{
    private readonly Activity _span;
    private readonly TimeProvider _time;
    private bool _isDone;

    internal SpanPart(Activity span, TimeProvider time) => (_span, _time) = (span, time);

    /// <summary>Its context as a W3C <c>traceparent</c>.</summary>
    public string TraceParent => _span.Id!;

    /// <summary>Makes it the current span, so that further parts and outgoing requests are below it.</summary>
    public MessageSpan.Entered Enter()
    {
        var before = Activity.Current;
        Activity.Current = _span;
        return new MessageSpan.Entered(before);
    }

    /// <summary>Says something about it.</summary>
    public void Tag(string name, object? value) => _span.SetTag(name, value);

    /// <summary>It went well; without this it counts as failed.</summary>
    public void Done() => _isDone = true;

    /// <summary>It began earlier than it was made.</summary>
    internal void BeganAt(DateTimeOffset since)
    {
        _span.SetStartTime(since.UtcDateTime);
        _isDone = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDone)
        {
            _span.SetStatus(ActivityStatusCode.Error);
        }

        EndAt(_span, _time.GetUtcNow());
    }

    /// <summary>Sets the end of a span that has none. A span of no length gets a tick, since zero counts as no end.</summary>
    internal static void EndAt(Activity span, DateTimeOffset now)
    {
        if (span.Duration == TimeSpan.Zero)
        {
            var end = now.UtcDateTime;
            span.SetEndTime(end > span.StartTimeUtc ? end : span.StartTimeUtc.AddTicks(1));
        }
    }
}
