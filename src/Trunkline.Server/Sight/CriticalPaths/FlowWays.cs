using System.Globalization;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>The way of one message through a flow.</summary>
/// <param name="Trace">Its trace.</param>
/// <param name="Graph">What waited for what.</param>
/// <param name="Tries">What was tried on it, in flows and sinks.</param>
internal sealed record FlowWay(string Trace, FlowGraph Graph, IReadOnlyList<WayTry> Tries);

/// <summary>A try on a way.</summary>
/// <param name="Span">Its id within the graph, and that of the wait before it.</param>
/// <param name="Try">Which it is.</param>
/// <param name="IsFirst">False if the same message was tried before.</param>
/// <param name="Rooms">Its waits for room at models, one after the other.</param>
internal sealed record WayTry(string Span, TryKey Try, bool IsFirst, IReadOnlyList<WayRoom> Rooms);

/// <summary>A wait for room at a model.</summary>
/// <param name="Span">Its id within the graph.</param>
/// <param name="Waited">How long it was.</param>
internal readonly record struct WayRoom(string Span, long Waited);

/// <summary>
/// Finds the ways of messages through a flow in kept spans: one graph per message that was delivered, of all that led to it over all traces. For one flow.
/// </summary>
internal sealed class FlowWays
{
    /// <summary>Ways looked at, the last first.</summary>
    public const int WaysMax = 5_000;

    private const int SpansMax = 2_000;

    private readonly string _flow;
    private readonly List<TraceSpan> _told;
    private readonly Dictionary<SpanRef, TraceSpan> _spans;
    private readonly ILookup<SpanRef, TraceSpan> _within;
    private readonly ILookup<SpanRef, TraceSpan> _sinks;
    private readonly PathOwners _owners;

    private FlowWays(string flow, IReadOnlyList<TraceSpan> spans)
    {
        // A commit is linked to all its messages, but no message waits for another by that.
        _told = spans.Where(s => !PathOwners.IsSettle(s)).DistinctBy(s => s.Ref).ToList();
        _flow = flow;
        _owners = new PathOwners(flow, _told);
        _spans = _told.ToDictionary(s => s.Ref);
        var below = _told.Where(s => s.Parent is not null).ToList();
        _within = below.Where(s => s.Role != SpanRole.Consumer).ToLookup(s => new SpanRef(s.Trace, s.Parent!));
        _sinks = below.Where(s => PathOwners.IsProcess(s) && s[SpanNames.Flow] == flow && s[SpanNames.Sink] is not null).ToLookup(s => new SpanRef(s.Trace, s.Parent!));
    }

    /// <summary>The ways whose last try went well, in the flow and in its sinks.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="spans">The kept spans.</param>
    /// <param name="isSampled">True for a trace that was kept for its id.</param>
    public static List<FlowWay> Of(string flow, IReadOnlyList<TraceSpan> spans, Func<string, bool> isSampled)
    {
        var all = new FlowWays(flow, spans);
        var ways = new List<FlowWay>();
        var tries = all._told.Where(s => PathOwners.IsProcess(s) && s[SpanNames.Flow] == flow && s[SpanNames.Sink] is null && isSampled(s.Trace));
        foreach (var last in tries.GroupBy(s => (s.Trace, s[SpanNames.MessageId])).Select(g => g.MaxBy(s => s.End)!).OrderByDescending(s => s.End))
        {
            if (ways.Count == WaysMax)
            {
                break;
            }

            if (all.DeliveryOf(last) is { } delivered && all.Before(delivered) is { } led
                && FlowGraphBuilder.Of([.. all._owners.Of(led)], PathOwners.IdOf(delivered.Ref)) is { Length: > 0 } graph)
            {
                ways.Add(new FlowWay(last.Trace, graph, [.. led.Where(PathOwners.IsProcess).Select(all.TryOf)]));
            }
        }

        return ways;
    }

    /// <summary>The span the way ends with; null if the message was not delivered everywhere.</summary>
    private TraceSpan? DeliveryOf(TraceSpan last)
    {
        var ends = _sinks[last.Ref].GroupBy(s => (s[SpanNames.Sink], s[SpanNames.MessageId])).Select(g => g.MaxBy(s => s.End)!).Append(last).ToList();
        return ends.TrueForAll(s => s[SpanNames.Outcome] == "delivered") ? ends.MaxBy(s => s.End) : null;
    }

    /// <summary>A span, all that led to it, and what each of these waited for; null if that is too much.</summary>
    private List<TraceSpan>? Before(TraceSpan delivered)
    {
        var found = new Dictionary<SpanRef, TraceSpan>();
        var next = new Queue<TraceSpan>([delivered]);
        while (next.TryDequeue(out var span))
        {
            if (!found.TryAdd(span.Ref, span))
            {
                continue;
            }

            if (found.Count > SpansMax)
            {
                return null;
            }

            var before = span.Links.Concat(span.Parent is { } parent ? [new SpanRef(span.Trace, parent)] : []).Select(r => _spans.GetValueOrDefault(r)).OfType<TraceSpan>();
            foreach (var more in before.Concat(_within[span.Ref]).Concat(_owners.TriesBefore(span)))
            {
                next.Enqueue(more);
            }
        }

        return [.. found.Values];
    }

    private WayTry TryOf(TraceSpan tried)
    {
        var within = new List<TraceSpan> { tried };
        for (var i = 0; i < within.Count && within.Count <= SpansMax; i++)
        {
            within.AddRange(_within[within[i].Ref]);
        }

        return new WayTry(
            PathOwners.IdOf(tried.Ref),
            new TryKey(tried[SpanNames.Flow] ?? "", tried[SpanNames.Sink], (int)Number(tried[SpanNames.Partition]), Number(tried[SpanNames.Offset]), tried.Start),
            !_owners.TriesBefore(tried).Any(),
            [.. within.Where(s => s[SpanNames.GenAiModel] is not null).OrderBy(s => s.Start).Select(s => new WayRoom(PathOwners.RoomOf(s.Ref), PathOwners.WaitedOf(s)))]);
    }

    private static long Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
