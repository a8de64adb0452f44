using System.Diagnostics;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.Traces;

/// <summary>
/// Which traces the node keeps: a share of them by their id, that shrinks while there are many and grows while there are few. A smaller share lies
/// within a larger one, so that traces are kept whole but for the moments it changes. Thread-safe.
/// </summary>
internal sealed class TraceShare
{
    /// <summary>Spans a second above which the share shrinks.</summary>
    public const int SpansMax = 500;

    private const int Burst = 4 * SpansMax;
    private const double Least = 1.0 / (1 << 20);

    private readonly double _floor;
    private volatile Step _now;
    private int _spans;

    /// <param name="floor">The share it does not fall below.</param>
    public TraceShare(double floor)
    {
        _floor = Math.Max(floor, Least);
        _now = new Step(Math.Max(_floor, 1.0 / 16));
    }

    /// <summary>The share in force, 0 to 1.</summary>
    public double Value => _now.Share;

    /// <summary>The share in force if a trace is within it; 0 if not.</summary>
    public double Of(TraceMark mark)
    {
        var now = _now;
        return now.Ratio.Includes(mark) ? now.Share : 0;
    }

    /// <inheritdoc cref="Of(TraceMark)"/>
    public double Of(ActivityTraceId trace) => Of(TraceMark.Of(trace));

    /// <summary>Notes spans that are kept.</summary>
    public void Count(int spans)
    {
        // A burst must not fill the queue before the next second is looked at.
        var before = Interlocked.Add(ref _spans, spans) - spans;
        if (before / Burst != (before + spans) / Burst)
        {
            Set(Value / 2);
        }
    }

    /// <summary>A second is over.</summary>
    public void Adapt()
    {
        var spans = Interlocked.Exchange(ref _spans, 0);
        if (spans > SpansMax)
        {
            Set(Value / 2);
        }
        else if (spans < SpansMax / 4 && Value < 1)
        {
            Set(Value * 2);
        }
    }

    private void Set(double share) => _now = new Step(Math.Clamp(share, _floor, 1));

    private sealed record Step(double Share)
    {
        public TraceRatio Ratio { get; } = new(Share);
    }
}
