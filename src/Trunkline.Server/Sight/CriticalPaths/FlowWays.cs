using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>The way of one message through a flow.</summary>
/// <param name="Trace">Its trace.</param>
/// <param name="Graph">What waited for what.</param>
internal sealed record FlowWay(string Trace, FlowGraph Graph);

/// <summary>One message taken from a topic: a wait, and the work after it.</summary>
/// <param name="Span">Id of the work within graphs.</param>
/// <param name="Consumer">Who took it.</param>
/// <param name="Start">When the work began.</param>
/// <param name="Work">What waited for what within the work.</param>
internal sealed record FlowJob(string Span, string Consumer, long Start, FlowGraph Work);

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

    /// <summary>The ways whose last try went well, in the flow and in its sinks; and the messages taken on them.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="spans">The kept spans.</param>
    /// <param name="isSampled">True for a trace that was kept for its id.</param>
    public static (List<FlowWay> Ways, List<FlowJob> Jobs) Of(string flow, IReadOnlyList<TraceSpan> spans, Func<string, bool> isSampled)
    {
        var all = new FlowWays(flow, spans);
        var ways = new List<FlowWay>();
        var jobs = new Dictionary<string, FlowJob>(StringComparer.Ordinal);
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
                ways.Add(new FlowWay(last.Trace, graph));
                all.AddJobs(led, jobs);
            }
        }

        return (ways, [.. jobs.Values]);
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

    /// <summary>The work on each message taken from a topic, without what came before it.</summary>
    private void AddJobs(List<TraceSpan> led, Dictionary<string, FlowJob> jobs)
    {
        foreach (var work in led.Where(s => PathOwners.IsProcess(s) && !jobs.ContainsKey(PathOwners.IdOf(s.Ref))))
        {
            var within = new List<TraceSpan> { work };
            for (var i = 0; i < within.Count && within.Count <= SpansMax; i++)
            {
                within.AddRange(_within[within[i].Ref]);
            }

            var id = PathOwners.IdOf(work.Ref);
            if (FlowGraphBuilder.Of([.. _owners.Of(within, isAlone: true)], id) is { } graph)
            {
                jobs.Add(id, new FlowJob(id, $"{work[SpanNames.Flow]}/{work[SpanNames.Sink]}/{work[SpanNames.Partition]}", work.Start, graph));
            }
        }
    }
}
