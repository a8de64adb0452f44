using System.Diagnostics;

namespace Trunkline.Core.Telemetry;

/// <summary>
/// A part of a message's span: a step, a question to a model, a request. Its time ends when it is disposed. It is an activity from the beginning if its trace is
/// wanted, else it becomes one only if the message fails or is slow. One thread at a time.
/// </summary>
public sealed class SpanPart : IDisposable
{
    /// <summary>Stands for the parts of a try that has ended.</summary>
    internal static readonly SpanPart Over = new();

    private readonly MessageSpan _of;
    private readonly string _name;
    private readonly ActivityKind _kind;
    private readonly SpanPart? _above;
    private SpanPart? _before;
    private int _number;
    private KeyValuePair<string, object?>[] _tags = [];

    // Ticks of UTC, 0 for not yet: most parts are never asked for more.
    private long _began;
    private long _ended;
    private ActivitySpanId _id;
    private bool _isDone;

    internal SpanPart(MessageSpan of, Activity? span, string name, ActivityKind kind, SpanPart? above)
    {
        (_of, Span, _name, _kind, _above) = (of, span, name, kind, above);
        _began = span is null ? of.Time.GetUtcNow().UtcTicks : 0;
    }

    private SpanPart() => (_of, _name) = (null!, "");

    /// <summary>Its activity; null as long as nobody wants it.</summary>
    internal Activity? Span { get; private set; }

    /// <summary>Makes it the current span, so that further parts and outgoing requests are below it.</summary>
    public MessageSpan.Entered Enter() => _of.Enter(Span, this);

    /// <summary>Says something about it.</summary>
    public void Tag(string name, object? value)
    {
        if (Span is not null)
        {
            Span.SetTag(name, value);
        }
        else if (value is not null && !_of.HasEnded)
        {
            // Another array each time: what still runs when the try is over must not change what is read of it.
            _tags = [.. _tags, new(name, value)];
        }
    }

    /// <summary>It went well; without this it counts as failed.</summary>
    public void Done() => _isDone = true;

    /// <summary>It began earlier than it was made.</summary>
    internal void BeganAt(DateTimeOffset since)
    {
        _began = since.UtcTicks;
        Span?.SetStartTime(since.UtcDateTime);
        _isDone = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var now = _of.Time.GetUtcNow();
        _ended = now.UtcTicks;
        if (Span is not null)
        {
            Close(Span, now);
        }
    }

    /// <summary>Puts it behind the part begun before it; false if there are too many.</summary>
    internal bool Follows(SpanPart? before)
    {
        (_before, _number) = (before, (before?._number ?? 0) + 1);
        return _number <= MessageSpan.PartsMax;
    }

    /// <summary>All parts up to the last one, in the order they began.</summary>
    internal static SpanPart[] InOrder(SpanPart? last)
    {
        if (last is null)
        {
            return [];
        }

        var parts = new SpanPart[last._number];
        for (var part = last; part is not null; part = part._before)
        {
            parts[part._number - 1] = part;
        }

        return parts;
    }

    /// <summary>Makes it an activity, if it is none yet.</summary>
    /// <param name="root">The span it is a part of.</param>
    internal Activity? Make(Activity root)
    {
        if (Span is null && TelemetrySource.Begin(_name, _kind, (_above?.Span ?? root).Context, start: At(_began)) is { } span)
        {
            foreach (var tag in _tags)
            {
                span.SetTag(tag.Key, tag.Value);
            }

            if (_ended != 0)
            {
                Close(span, At(_ended));
            }

            Span = span;
        }

        return Span;
    }

    /// <summary>The part as it was noted; it gets an id with this.</summary>
    /// <param name="root">The span it is a part of.</param>
    /// <param name="ended">When that ended.</param>
    internal SpanRecord Record(ActivitySpanId root, DateTimeOffset ended)
    {
        _id = ActivitySpanId.CreateRandom();
        var above = _above is null || _above._id == default ? root : _above._id;
        return new SpanRecord(_id, above, _name, _kind, At(_began), _ended == 0 ? ended : At(_ended), !_isDone, _tags);
    }

    /// <summary>The part's times.</summary>
    /// <param name="parts">All parts, in the order they began.</param>
    /// <param name="ended">When what it is a part of ended.</param>
    internal TryPart Times(SpanPart[] parts, DateTimeOffset ended) => new(
        _name,
        TagOf(SpanNames.GenAiModel) as string,
        _above is null ? -1 : Array.IndexOf(parts, _above),
        Span?.StartTimeUtc.Ticks ?? _began,
        _ended == 0 ? ended.UtcTicks : _ended,
        TagOf(SpanNames.ModelWait) is double seconds ? (long)(seconds * TimeSpan.TicksPerSecond) : 0);

    private object? TagOf(string name) => Span is null ? Array.Find(_tags, t => t.Key == name).Value : Span.GetTagItem(name);

    /// <summary>Sets the end of a span that has none. A span of no length gets a tick, since zero counts as no end.</summary>
    internal static void EndAt(Activity span, DateTimeOffset now)
    {
        if (span.Duration == TimeSpan.Zero)
        {
            var end = now.UtcDateTime;
            span.SetEndTime(end > span.StartTimeUtc ? end : span.StartTimeUtc.AddTicks(1));
        }
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    private void Close(Activity span, DateTimeOffset end)
    {
        if (!_isDone)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }

        EndAt(span, end);
    }
}
