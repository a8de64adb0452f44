using System.Collections.Concurrent;
using System.Diagnostics;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Sight.Telemetry;

/// <summary>Listens to spans of the node's source while a test runs, and keeps those of its own topics.</summary>
internal sealed class SpanLog : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    // Nodes of other tests may want fewer.
    private readonly IDisposable _all = TelemetrySource.Want(_ => true);

    /// <param name="mine">A part of the names of the test's topics and flows, so that tests beside it do not show.</param>
    /// <param name="sampling">Whether spans are sampled, or only recorded.</param>
    public SpanLog(string mine, ActivitySamplingResult sampling)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => sampling,
            ActivityStopped = span =>
            {
                if (span.Recorded)
                {
                    _ended.Enqueue(span);
                }
            },
        };
        Mine = mine;
        ActivitySource.AddActivityListener(_listener);
    }

    private string Mine { get; }

    /// <summary>The spans that ended, recorded, of the traces the test's topics and flows are in.</summary>
    public IReadOnlyList<Activity> Spans()
    {
        var all = _ended.ToArray();
        var traces = all.Where(Names).Select(s => s.TraceId).ToHashSet();
        return [.. all.Where(s => traces.Contains(s.TraceId))];
    }

    /// <summary>Waits for a span, a minute at most.</summary>
    public async Task<Activity> WaitAsync(Func<Activity, bool> wanted)
    {
        await Eventually.HoldsAsync(() => Spans().Any(wanted), "there is such a span");
        return Spans().First(wanted);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _all.Dispose();
    }

    private bool Names(Activity span) => span.TagObjects.Any(tag => tag.Value is string text && text.Contains(Mine, StringComparison.Ordinal));
}
