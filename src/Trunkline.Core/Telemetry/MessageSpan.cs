using System.Diagnostics;
using Trunkline.Messaging;

namespace Trunkline.Core.Telemetry;

/// <summary>
/// The span of one try of one message, and those of its parts. If its trace is wanted they are activities from the beginning; else only times are noted, and
/// they become activities at the end of a try that failed or was slow. All others go without a trace. Parts may be begun by several threads.
/// </summary>
public sealed class MessageSpan
{
    /// <summary>Parts of one message at most; further ones are not recorded.</summary>
    public const int PartsMax = 256;

    /// <summary>Property of an activity that was made for others than who keeps the trace: that one has it.</summary>
    public const string KeptElsewhere = "trunkline.kept";

    private readonly FlowTracer _tracer;
    private readonly TriedMessage _tried;
    private readonly Lock _lock = new();
    private Activity? _span;
    private SpanPart? _current;
    private List<SpanPart>? _parts;
    private readonly ActivitySpanId _id;
    private readonly double _share;
    private (DateTimeOffset At, string Outcome, string? Error, string? Step) _end;
    private bool _ended;

    internal MessageSpan(FlowTracer tracer, Activity? span, in TriedMessage tried, double share)
    {
        (_tracer, _span, _tried, _share) = (tracer, span, tried, share);
        _id = share > 0 ? ActivitySpanId.CreateRandom() : default;
    }

    /// <summary>The context what is made of the message continues; null while it is not known whether there will be a span.</summary>
    public ActivityContext? Context => _span?.Context ?? (_share > 0 ? new ActivityContext(_tried.Parent.TraceId, _id, ActivityTraceFlags.None) : null);

    /// <summary>The same as a W3C <c>traceparent</c> of 55 ASCII characters.</summary>
    public string? TraceParent => _span?.Id ?? (_share > 0 ? $"00-{_tried.Parent.TraceId}-{_id}-00" : null);

    /// <summary>The trace it belongs to.</summary>
    public ActivityTraceId Trace => _tried.Parent.TraceId;

    /// <summary>The message's own context: what the try is linked to; without a span id for none.</summary>
    public ActivityContext Link => _tried.Parent;

    /// <summary>Its spans at most: parts may not have been recorded.</summary>
    public int Count => 1 + (_parts?.Count ?? 0);

    internal TimeProvider Time => _tracer.Time;

    internal Lock Gate => _lock;

    internal bool HasEnded => _ended;

    /// <summary>Makes it the current span, for as long as the returned is not disposed.</summary>
    public Entered Enter() => Enter(_span, null);

    /// <summary>Begins a part of it, below the current span; null if there are too many, or it has ended.</summary>
    /// <param name="name">The part's name.</param>
    /// <param name="kind">Its kind.</param>
    public SpanPart? Begin(string name, ActivityKind kind = ActivityKind.Internal)
    {
        lock (_lock)
        {
            if (_ended || _parts?.Count == PartsMax)
            {
                return null;
            }

            Activity? part = null;
            if (_span is not null)
            {
                var above = Activity.Current is { } current && current.TraceId == _span.TraceId ? current : _span;
                part = TelemetrySource.Begin(name, kind, above.Context, start: Time.GetUtcNow());
                if (part is null)
                {
                    return null;
                }
            }

            var begun = new SpanPart(this, part, name, kind, _current);
            (_parts ??= new List<SpanPart>(4)).Add(begun);
            return begun;
        }
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

    /// <summary>The try is over: ends the spans if its trace is wanted, or it failed, or was slow. Once.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="error">A code of the error catalogue; null if it did not fail.</param>
    /// <param name="step">The step that ended or failed it; null for none.</param>
    /// <returns>True if the spans are kept.</returns>
    public bool End(string outcome, string? error, string? step)
    {
        var now = Time.GetUtcNow();
        lock (_lock)
        {
            _ended = true;
            _end = (now, outcome, error, step);
            var stands = _tracer.IsSlow(now - _tried.Message.AppendedAt) || error is not null;
            if (_share > 0)
            {
                TelemetrySource.Keep(this, _tried.Parent);
            }

            if (!stands && (_span is null || (!_span.Recorded && _span.GetTagItem(SpanNames.Share) is null)))
            {
                return _share > 0;
            }

            _span ??= _tracer.Start(_tried);
            if (_span is null)
            {
                return _share > 0;
            }

            _span.SetTag(SpanNames.Outcome, outcome);
            _span.SetTag(SpanNames.AtStep, step);
            if (error is not null)
            {
                _span.SetTag(SpanNames.ErrorType, error).SetStatus(ActivityStatusCode.Error);
            }

            foreach (var part in _parts ?? [])
            {
                if (part.Make(_span) is { } made)
                {
                    End(made, now, stands);
                }
            }

            End(_span, now, stands);
            return true;
        }
    }

    /// <summary>The spans of a try that is over, as they were noted: the try first. Once.</summary>
    public IEnumerable<SpanRecord> Records()
    {
        var tags = _tracer.TagsOf(_tried);
        tags.Add(new(SpanNames.Share, _share));
        tags.Add(new(SpanNames.Outcome, _end.Outcome));
        if (_end.Step is { } step)
        {
            tags.Add(new(SpanNames.AtStep, step));
        }

        if (_end.Error is { } error)
        {
            tags.Add(new(SpanNames.ErrorType, error));
        }

        yield return new SpanRecord(_id, _tried.Parent.SpanId, _tracer.Name, ActivityKind.Consumer, _tried.Began, _end.At, _end.Error is not null, tags);
        foreach (var part in _parts ?? [])
        {
            yield return part.Record(_id, _end.At);
        }
    }

    internal Entered Enter(Activity? span, SpanPart? part)
    {
        var entered = new Entered(this, Activity.Current, _current, span is not null);
        _current = part;
        if (span is not null)
        {
            Activity.Current = span;
        }

        return entered;
    }

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
/// <param name="Message">The message.</param>
/// <param name="Parent">Its context.</param>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Began">When the try began.</param>
internal readonly record struct TriedMessage(StoredMessage Message, ActivityContext Parent, int Attempt, DateTimeOffset Began);
