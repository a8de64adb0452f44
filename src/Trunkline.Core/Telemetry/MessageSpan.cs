using System.Diagnostics;

namespace Trunkline.Core.Telemetry;

/// <summary>
/// The span of one try of one message, and those of its parts. Nothing of it is exported before its end, when it is known whether it was
/// sampled, failed, or was slow; what is none of these goes without a trace. Parts may be begun by several threads.
/// </summary>
public sealed class MessageSpan
{
    /// <summary>Parts of one message at most; further ones are not recorded.</summary>
    public const int PartsMax = 256;

    private readonly Activity _span;
    private readonly TimeProvider _time;
    private readonly SlowestKept _slowest;
    private readonly DateTimeOffset _appendedAt;
    private readonly Lock _lock = new();
    private readonly List<Activity> _parts = [];
    private bool _ended;

    internal MessageSpan(Activity span, DateTimeOffset appendedAt, SlowestKept slowest, TimeProvider time)
    {
        (_span, _appendedAt, _slowest, _time) = (span, appendedAt, slowest, time);
    }

    /// <summary>The context what is made of the message continues.</summary>
    public ActivityContext Context => _span.Context;

    /// <summary>The same as a W3C <c>traceparent</c> of 55 ASCII characters.</summary>
    public string TraceParent => _span.Id!;

    /// <summary>Makes it the current span, for as long as the returned is not disposed.</summary>
    public Entered Enter()
    {
        var before = Activity.Current;
        Activity.Current = _span;
        return new Entered(before);
    }

    /// <summary>Begins a part of it, below the current span; null if there are too many, or it has ended.</summary>
    /// <param name="name">The part's name.</param>
    /// <param name="kind">Its kind.</param>
    public SpanPart? Begin(string name, ActivityKind kind = ActivityKind.Internal)
    {
        var above = Activity.Current is { } current && current.TraceId == _span.TraceId ? current : _span;
        lock (_lock)
        {
            if (_ended || _parts.Count == PartsMax)
            {
                return null;
            }

            var part = TelemetrySource.Begin(name, kind, above.Context, start: _time.GetUtcNow());
            if (part is null)
            {
                return null;
            }

            _parts.Add(part);
            return new SpanPart(part, _time);
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

    /// <summary>The try is over: exports the spans if it was sampled, failed, or was slow. Once.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="error">A code of the error catalogue; null if it did not fail.</param>
    /// <param name="step">The step that ended or failed it; null for none.</param>
    /// <returns>True if the spans are kept.</returns>
    public bool End(string outcome, string? error, string? step)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            _ended = true;
            var slow = _slowest.IsSlow(now - _appendedAt);
            if (!_span.Recorded && error is null && !slow)
            {
                return false;
            }

            _span.SetTag(SpanNames.Outcome, outcome);
            _span.SetTag(SpanNames.AtStep, step);
            if (error is not null)
            {
                _span.SetTag(SpanNames.ErrorType, error).SetStatus(ActivityStatusCode.Error);
            }

            foreach (var part in _parts)
            {
                Keep(part, now);
            }

            Keep(_span, now);
            return true;
        }
    }

    private static void Keep(Activity span, DateTimeOffset now)
    {
        span.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        SpanPart.EndAt(span, now);
        TelemetrySource.End(span);
    }

    /// <summary>A span is current until this is disposed.</summary>
    /// <param name="before">What was current before.</param>
    public readonly struct Entered(Activity? before) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => Activity.Current = before;
    }
}
