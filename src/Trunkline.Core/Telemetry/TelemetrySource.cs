using System.Collections.Immutable;
using System.Diagnostics;

namespace Trunkline.Core.Telemetry;

/// <summary>Where all spans of a node come from. Thread-safe.</summary>
public static class TelemetrySource
{
    /// <summary>Links of one span at most, as OpenTelemetry's default limit has it.</summary>
    public const int LinksMax = 128;

    private static ImmutableArray<Demand> s_demands = [];

    /// <summary>The source, named <see cref="TelemetryNames.Source"/>.</summary>
    public static ActivitySource Spans { get; } = new(TelemetryNames.Source, SpanNames.Conventions);

    /// <summary>True while somebody listens; while nobody does, a message costs this one look.</summary>
    public static bool IsOn => Spans.HasListeners();

    /// <summary>
    /// Says which traces somebody wants, until the returned is disposed. While nobody says so all have activities; of a trace nobody wants a message that
    /// fails or is slow is recorded all the same.
    /// </summary>
    /// <param name="isWanted">True for a trace whose spans are to be activities from the beginning; asked for every message, by several threads.</param>
    /// <param name="keeper">Keeps a share of the traces without activities; null for none.</param>
    public static IDisposable Want(Func<TraceMark, bool> isWanted, SpanKeeper? keeper = null)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        var demand = new Demand(isWanted, keeper);
        ImmutableInterlocked.Update(ref s_demands, static (demands, one) => demands.Add(one), demand);
        return demand;
    }

    /// <summary>True if somebody wants the trace from its beginning.</summary>
    /// <param name="mark">Of the trace.</param>
    internal static bool IsWanted(TraceMark mark)
    {
        var demands = s_demands;
        if (demands.IsEmpty || mark.IsSampled)
        {
            return true;
        }

        foreach (var demand in demands)
        {
            if (demand.IsWanted(mark))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The share of traces somebody keeps, if a trace is within it; 0 if not.</summary>
    internal static double ShareOf(TraceMark mark)
    {
        var share = 0.0;
        foreach (var demand in s_demands)
        {
            share = Math.Max(share, demand.Keeper?.ShareOf(mark) ?? 0);
        }

        return share;
    }

    /// <summary>A try of a trace somebody keeps is over.</summary>
    internal static void Keep(MessageSpan span, TraceMark mark)
    {
        foreach (var demand in s_demands)
        {
            if (demand.Keeper is { } keeper && keeper.ShareOf(mark) > 0)
            {
                keeper.Keep(span);
            }
        }
    }

    /// <summary>A try that took a while is over, whether its trace is kept or not.</summary>
    internal static void Note(TryTimes tried)
    {
        foreach (var demand in s_demands)
        {
            demand.Keeper?.Note?.Invoke(tried);
        }
    }

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

    private sealed class Demand(Func<TraceMark, bool> isWanted, SpanKeeper? keeper) : IDisposable
    {
        public SpanKeeper? Keeper { get; } = keeper;

        public Func<TraceMark, bool> IsWanted { get; } = isWanted;

        public void Dispose() => ImmutableInterlocked.Update(ref s_demands, static (demands, one) => demands.Remove(one), this);
    }
}

/// <summary>Keeps a share of the traces.</summary>
/// <param name="ShareOf">The share, if a trace is within it; 0 if not.</param>
/// <param name="Keep">Takes a try that is over, of such a trace; must not wait.</param>
public sealed record SpanKeeper(Func<TraceMark, double> ShareOf, Action<MessageSpan> Keep)
{
    /// <summary>Takes the times of every try that took a while, of whatever trace; must not wait. Null for nobody.</summary>
    public Action<TryTimes>? Note { get; init; }
}
