using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>Two spans of one hand-over: who called or sent, and who answered or took.</summary>
/// <param name="From">Who gave.</param>
/// <param name="To">Who took.</param>
internal readonly record struct SpanPair(TraceSpan From, TraceSpan To);

/// <summary>
/// Pairs the halves of hand-overs between services: by link, then by parent, then by the message's id. Halves without the other stay, and are told.
/// </summary>
internal sealed class ServicePairs
{
    private readonly Dictionary<SpanRef, TraceSpan> _spans;
    private readonly ILookup<(string Destination, string Message), TraceSpan> _sent;
    private readonly HashSet<SpanRef> _taken = [];

    private ServicePairs(IReadOnlyList<TraceSpan> spans)
    {
        _spans = spans.DistinctBy(s => s.Ref).ToDictionary(s => s.Ref);
        _sent = _spans.Values.Where(s => s.Role is SpanRole.Producer or SpanRole.Client && s[SpanNames.MessageId] is not null && s[SpanNames.Destination] is not null)
            .ToLookup(s => (s[SpanNames.Destination]!, s[SpanNames.MessageId]!));
    }

    /// <summary>Hand-overs with both halves.</summary>
    public List<SpanPair> Pairs { get; } = [];

    /// <summary>Spans that took something nobody is known to have given.</summary>
    public List<TraceSpan> WithoutGiver { get; } = [];

    /// <summary>Spans that gave something nobody is known to have taken.</summary>
    public List<TraceSpan> WithoutTaker { get; } = [];

    /// <summary>Pairs spans of which at least one half of each hand-over is another service's.</summary>
    public static ServicePairs Of(IReadOnlyList<TraceSpan> spans)
    {
        var pairs = new ServicePairs(spans);
        pairs.Pair();
        return pairs;
    }

    private void Pair()
    {
        foreach (var taker in _spans.Values.Where(IsTaker))
        {
            var givers = GiversOf(taker);
            foreach (var giver in givers.Where(g => IsOthers(g) || IsOthers(taker)))
            {
                Pairs.Add(new SpanPair(giver, taker));
                _taken.Add(giver.Ref);
            }

            // Who begins a trace was called by nobody. What the node itself took is on the map without its traces.
            if (givers.Count == 0 && IsOthers(taker) && (taker.Parent is not null || taker.Links.Count > 0 || taker.Role == SpanRole.Consumer))
            {
                WithoutGiver.Add(taker);
            }
        }

        WithoutTaker.AddRange(_spans.Values.Where(s => IsOthers(s) && s.Role is SpanRole.Client or SpanRole.Producer && IsOthers(s) && !_taken.Contains(s.Ref)));
    }

    private List<TraceSpan> GiversOf(TraceSpan taker)
    {
        var linked = taker.Links.Select(l => _spans.GetValueOrDefault(l)).OfType<TraceSpan>().Where(s => s.Ref != taker.Ref).Distinct().ToList();
        if (linked.Count > 0)
        {
            return linked;
        }

        if (taker.Parent is not null && _spans.TryGetValue(new SpanRef(taker.Trace, taker.Parent), out var parent))
        {
            // Within one service the parent only shows how its work is divided.
            return parent.Service != taker.Service || parent.Role is SpanRole.Client or SpanRole.Producer ? [parent] : [];
        }

        return taker[SpanNames.Destination] is { } topic && taker[SpanNames.MessageId] is { } message ? [.. _sent[(topic, message)].Where(s => s.Ref != taker.Ref).Take(1)] : [];
    }

    private static bool IsTaker(TraceSpan span) => span.Role is SpanRole.Server or SpanRole.Consumer || (!IsOthers(span) && span.Name.StartsWith(SpanNames.Send + " ", StringComparison.Ordinal));

    private static bool IsOthers(TraceSpan span) => span.Service != KeptSpans.Service;
}
