using System.Diagnostics;

namespace Trunkline.Core.Telemetry;

/// <summary>Where all spans of a node come from. Thread-safe.</summary>
public static class TelemetrySource
{
    /// <summary>Links of one span at most, as OpenTelemetry's default limit has it.</summary>
    public const int LinksMax = 128;

    /// <summary>The source, named <see cref="TelemetryNames.Source"/>.</summary>
    public static ActivitySource Spans { get; } = new(TelemetryNames.Source, SpanNames.Conventions);

    /// <summary>True while somebody listens; while nobody does, a message costs this one look.</summary>
    public static bool IsOn => Spans.HasListeners();

    /// <summary>Adds the context of one message of a batch as a link, unless there are <see cref="LinksMax"/>, or the text is no context.</summary>
    /// <param name="links">The links so far.</param>
    /// <param name="traceParent">The message's <c>traceparent</c>, or null.</param>
    public static void AddLink(List<ActivityLink> links, string? traceParent)
    {
        if (links.Count < LinksMax && ActivityContext.TryParse(traceParent, null, isRemote: true, out var context))
        {
            links.Add(new ActivityLink(context));
        }
    }

    /// <summary>Begins a span that does not become the current one.</summary>
    /// <param name="name">The name.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="parent">Its parent; default for none.</param>
    /// <param name="links">What it is linked to; null for nothing.</param>
    /// <param name="start">When it began; default for now.</param>
    public static Activity? Begin(string name, ActivityKind kind, ActivityContext parent, IEnumerable<ActivityLink>? links = null, DateTimeOffset start = default)
    {
        var before = Activity.Current;
        try
        {
            // Without this a span meant to have no parent takes the current one.
            Activity.Current = null;
            return Spans.StartActivity(name, kind, parent, null, links, start);
        }
        finally
        {
            Activity.Current = before;
        }
    }

    /// <summary>Ends a span, and leaves the current one as it is.</summary>
    public static void End(Activity span)
    {
        var before = Activity.Current;
        span.Stop();
        Activity.Current = before;
    }
}
