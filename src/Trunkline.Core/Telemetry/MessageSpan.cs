using System.Diagnostics;
using Trunkline.Messaging;

namespace Trunkline.Core.Telemetry;

/// <summary>
/// The span of one try of one message, and those of its parts. If its trace is wanted they are activities from the beginning; else only times are noted, and
/// they become activities at the end of a try that failed or was slow, or are kept as they are if the trace is within a share. All others go without a trace.
/// Parts may be begun by several threads.
/// </summary>
public sealed class MessageSpan
{
    /// <summary>Parts of one message at most; further ones are not recorded.</summary>
    public const int PartsMax = 256;

    /// <summary>Property of an activity that was made for others than who keeps the trace: that one has it.</summary>
    public const string KeptElsewhere = "trunkline.kept";

    private readonly FlowTracer _tracer;
    private readonly TriedMessage _tried;
    private readonly ActivitySpanId _id;
    private readonly double _share;

    // For its context, should it turn out to be wanted, and its key. Never held beyond the end of the try: what waits to be kept would hold the whole batch it was read with.
    private Message? _message;
    private ActivityContext _parent;
    private Activity? _span;
    private SpanPart? _current;

    // The part begun last, which knows the one before it; Over once the try has ended.
    private SpanPart? _last;
    private SpanPart[] _parts = [];
    private TryEnd? _end;
    private bool _waits;

    /// <summary>Of a message whose trace nobody wants so far.</summary>
    internal MessageSpan(FlowTracer tracer, in TriedMessage tried, Message message) => (_tracer, _tried, _message) = (tracer, tried, message);

    /// <summary>Of a message whose trace is wanted: with an activity, or within a share.</summary>
    internal MessageSpan(FlowTracer tracer, in TriedMessage tried, in (Message Message, ActivityContext Parent) of, Activity? span, double share)
    {
        (_tracer, _tried, _message, _parent, _span, _share) = (tracer, tried, of.Message, of.Parent, span, share);
        _id = share > 0 ? ActivitySpanId.CreateRandom() : default;
    }

    /// <summary>The context what is made of the message continues; null while it is not known whether there will be a span.</summary>
    public ActivityContext? Context => _span?.Context ?? (_share > 0 ? new ActivityContext(_parent.TraceId, _id, ActivityTraceFlags.None) : null);

    /// <summary>The same as a W3C <c>traceparent</c> of 55 ASCII characters.</summary>
    public string? TraceParent => _span?.Id ?? (_share > 0 ? $"00-{_parent.TraceId}-{_id}-00" : null);

    /// <summary>The message's own context, for a try whose spans are kept: what it is linked to; without a span id for none.</summary>
    public ActivityContext Link => _parent;

    /// <summary>The spans of a try that is over, at most.</summary>
    public int Count => 1 + _parts.Length;

    internal TimeProvider Time => _tracer.Time;

    internal bool HasEnded => ReferenceEquals(Volatile.Read(ref _last), SpanPart.Over);

    /// <summary>Makes it the current span, for as long as the returned is not disposed.</summary>
    public Entered Enter() => Enter(_span, null);

    /// <summary>The try waits for something outside: whoever took it goes on with others meanwhile.</summary>
    public void Waits() => _waits = true;

    /// <summary>Begins a part of it, below the current span; null if there are too many, or it has ended.</summary>
    /// <param name="name">The part's name.</param>
    /// <param name="kind">Its kind.</param>
    public SpanPart? Begin(string name, ActivityKind kind = ActivityKind.Internal)
    {
        Activity? part = null;
        if (_span is not null)
        {
            var above = Activity.Current is { } current && current.TraceId == _span.TraceId ? current : _span;
            part = HasEnded ? null : TelemetrySource.Begin(name, kind, above.Context, start: Time.GetUtcNow());
            if (part is null)
            {
                return null;
            }
        }

        var begun = new SpanPart(this, part, name, kind, _current);
        SpanPart? before;
        do
        {
            before = Volatile.Read(ref _last);
            if (ReferenceEquals(before, SpanPart.Over) || !begun.Follows(before))
            {
                return null;
            }
        }
        while (Interlocked.CompareExchange(ref _last, begun, before) != before);

        return begun;
    }

    /// <summary>A wait before this try: recorded as a part that began before it.</summary>
    /// <param name="name">What kind of wait.</param>
    /// <param name="since">When it began.</param>
    public void Waited(string name, DateTimeOffset since)
    {
        if (Begin(name) is { } wait)
        {
            wait.BeganAt(since);
            wait.Dispose();
        }
    }

    /// <summary>The try is over: ends the spans if its trace is wanted, or it failed, or was slow. Only the first time counts.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="error">A code of the error catalogue; null if it did not fail.</param>
    /// <param name="step">The step that ended or failed it; null for none.</param>
    /// <returns>True if the spans are kept.</returns>
    public bool End(string outcome, string? error, string? step)
    {
        var now = Time.GetUtcNow();
        var last = Interlocked.Exchange(ref _last, SpanPart.Over);
        if (ReferenceEquals(last, SpanPart.Over))
        {
            return false;
        }

        var message = _message!;
        _message = null;
        if (now - _tried.Began >= TryTimes.Least)
        {
            TelemetrySource.Note(Times(message, SpanPart.InOrder(last), now));
        }

        var stands = _tracer.IsSlow(now - _tried.AppendedAt) || error is not null;
        var isMade = stands || (_span is not null && (_span.Recorded || _span.GetTagItem(SpanNames.Share) is not null));
        if (!isMade && _share == 0)
        {
            return false;
        }

        if (_parent.TraceId == default)
        {
            _parent = Telemetry.TraceParent.ContextOf(message);
        }

        _parts = SpanPart.InOrder(last);
        _end = new TryEnd(now, outcome, error, step);
        if (_share > 0)
        {
            TelemetrySource.Keep(this, TraceMark.Of(_parent));
        }

        return (isMade && TryMake(_end, stands)) || _share > 0;
    }

    /// <summary>The spans of a try that is over, as they were noted: the try first. Once.</summary>
    public IEnumerable<SpanRecord> Records()
    {
        var end = _end ?? throw new InvalidOperationException("the try is not over");
        var tags = _tracer.TagsOf(_tried);
        tags.Add(new(SpanNames.Share, _share));
        tags.Add(new(SpanNames.Outcome, end.Outcome));
        if (end.Step is { } step)
        {
            tags.Add(new(SpanNames.AtStep, step));
        }

        if (end.Error is { } error)
        {
            tags.Add(new(SpanNames.ErrorType, error));
        }

        yield return new SpanRecord(_id, _parent.SpanId, _tracer.Name, ActivityKind.Consumer, _tried.Began, end.At, end.Error is not null, tags);
        foreach (var part in _parts)
        {
            yield return part.Record(_id, end.At);
        }
    }

    internal Entered Enter(Activity? span, SpanPart? part)
    {
        var entered = new Entered(this, span is null ? null : Activity.Current, _current, span is not null);
        _current = part;
        if (span is not null)
        {
            Activity.Current = span;
        }

        return entered;
    }

    /// <summary>Makes activities of it and its parts, where they are none yet, and ends them; false if nobody listens.</summary>
    private bool TryMake(TryEnd end, bool stands)
    {
        _span ??= _tracer.Start(_tried, _parent);
        if (_span is null)
        {
            return false;
        }

        _span.SetTag(SpanNames.Outcome, end.Outcome);
        _span.SetTag(SpanNames.AtStep, end.Step);
        if (end.Error is not null)
        {
            _span.SetTag(SpanNames.ErrorType, end.Error).SetStatus(ActivityStatusCode.Error);
        }

        foreach (var part in _parts)
        {
            if (part.Make(_span) is { } made)
            {
                End(made, end.At, stands);
            }
        }

        End(_span, end.At, stands);
        return true;
    }

    private TryTimes Times(Message message, SpanPart[] parts, DateTimeOffset ended) => _tracer.TimesOf(_tried, message, ended) with
    {
        Waits = _waits,
        Parts = [.. parts.Select(part => part.Times(parts, ended))],
    };

    private void End(Activity span, DateTimeOffset now, bool stands)
    {
        span.ActivityTraceFlags |= stands ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None;
        if (_share > 0)
        {
            // Kept already, under the id that what was made of the message knows.
            span.SetCustomProperty(KeptElsewhere, true);
        }

        SpanPart.EndAt(span, now);
        TelemetrySource.End(span);
    }

    /// <summary>A span is current until this is disposed.</summary>
    public readonly struct Entered : IDisposable
    {
        private readonly MessageSpan _of;
        private readonly Activity? _before;
        private readonly SpanPart? _part;
        private readonly bool _isCurrent;

        internal Entered(MessageSpan of, Activity? before, SpanPart? part, bool isCurrent) => (_of, _before, _part, _isCurrent) = (of, before, part, isCurrent);

        /// <inheritdoc/>
        public void Dispose()
        {
            _of._current = _part;
            if (_isCurrent)
            {
                Activity.Current = _before;
            }
        }
    }
}

/// <summary>A try of a message.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="AppendedAt">Since when it is there.</param>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Began">When the try began.</param>
/// <param name="Lane">The lanes it is taken by.</param>
internal readonly record struct TriedMessage(MessageId Id, Position Position, int Bytes, DateTimeOffset AppendedAt, int Attempt, DateTimeOffset Began, LanePlace Lane);

/// <summary>How a try ended.</summary>
/// <param name="At">When.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">A code of the error catalogue; null if it did not fail.</param>
/// <param name="Step">The step that ended or failed it; null for none.</param>
internal sealed record TryEnd(DateTimeOffset At, string Outcome, string? Error, string? Step);
