namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// Makes the graph of a flow from the spans of all its traces. A child that begins and ends within its parent is waited for; one that outlives it,
/// or takes a message it handed over, only begins because of it, at the parent's end or where the child began. A wait in a topic is a
/// segment of its own. For one flow.
/// </summary>
internal sealed class FlowGraphBuilder
{
    /// <summary>Spans of a flow at most.</summary>
    public const int SpansMax = 10_000;

    private readonly Dictionary<string, PathSpan> _spans = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<FlowSegment>> _own = new(StringComparer.Ordinal);
    private readonly ILookup<string, PathSpan> _waitedFor;
    private readonly ILookup<string, PathSpan> _released;
    private readonly Dictionary<string, Cluster> _clusters = new(StringComparer.Ordinal);
    private readonly List<FlowSegment> _segments = [];

    private FlowGraphBuilder(IReadOnlyList<PathSpan> spans)
    {
        foreach (var span in spans.Where(s => s.End >= s.Start))
        {
            _spans.TryAdd(span.Id, span);
        }

        _waitedFor = _spans.Values.Where(IsWaitedFor).ToLookup(s => s.Parent!, StringComparer.Ordinal);
        _released = _spans.Values.SelectMany(s => ReleasedBy(s).Select(by => (s, by))).ToLookup(p => p.by, p => p.s, StringComparer.Ordinal);
    }

    /// <summary>The graph; null if there is no span it could begin with.</summary>
    /// <param name="spans">The spans. Of two with one id the first counts; one that ends before it begins does not; one in a circle is left out.</param>
    /// <param name="delivered">The span whose end is the delivery; null for the last to end.</param>
    /// <exception cref="ArgumentException">More than <see cref="SpansMax"/> spans.</exception>
    public static FlowGraph? Of(IReadOnlyList<PathSpan> spans, string? delivered = null)
    {
        if (spans.Count > SpansMax)
        {
            throw new ArgumentException($"The flow has more than {SpansMax} spans.", nameof(spans));
        }

        var builder = new FlowGraphBuilder(spans);
        builder.Build();
        var ends = delivered is not null && builder._own.TryGetValue(delivered, out var wanted) ? wanted : builder._segments;
        return ends.Count == 0 ? null : new FlowGraph(builder._segments, ends.MaxBy(s => s.End)!);
    }

    private void Build()
    {
        // Parents before children, roots first; those in a circle are never reached.
        var ready = new Queue<PathSpan>(_spans.Values.Where(s => !IsWaitedFor(s) && !ReleasedBy(s).Any()).OrderBy(s => s.Start));
        var missing = _spans.Values.ToDictionary(s => s.Id, s => IsWaitedFor(s) ? 1 : ReleasedBy(s).Count(), StringComparer.Ordinal);
        var divided = new List<PathSpan>();
        while (ready.TryDequeue(out var span))
        {
            Divide(span);
            divided.Add(span);
            foreach (var child in _waitedFor[span.Id].Concat(_released[span.Id]).Where(c => --missing[c.Id] == 0))
            {
                ready.Enqueue(child);
            }
        }

        divided.ForEach(Tie);
    }

    /// <summary>Cuts a span's own time where it waits for children, and where it releases what runs beside it.</summary>
    private void Divide(PathSpan span)
    {
        var own = new List<FlowSegment>();
        var at = span.Start;
        foreach (var cluster in Clusters(span))
        {
            Cut(span, own, at, cluster.Children.Min(s => s.Start));
            cluster.Before = own[^1];
            cluster.Next = own.Count;
            cluster.Children.ForEach(child => _clusters.Add(child.Id, cluster));
            at = cluster.Children.Max(s => s.End);
        }

        Cut(span, own, at, span.End);
        for (var i = 1; i < own.Count; i++)
        {
            own[i].Follows(own[i - 1]);
        }

        _own.Add(span.Id, own);
        _segments.AddRange(own);
    }

    private void Cut(PathSpan span, List<FlowSegment> own, long from, long to)
    {
        foreach (var cut in _released[span.Id].Select(s => s.Start).Where(start => start >= from && start < to).Distinct().Order().Append(to))
        {
            own.Add(new FlowSegment(span.Id, span.Owner, SegmentKind.Work, from, cut));
            from = cut;
        }
    }

    /// <summary>What a span needed to begin; and where its parent goes on, that needed it.</summary>
    private void Tie(PathSpan span)
    {
        var first = _own[span.Id][0];
        if (_clusters.TryGetValue(span.Id, out var cluster))
        {
            var before = cluster.NeededBy(span);
            before.ForEach(s => first.Follows(_own[s.Id][^1]));
            if (before.Count == 0)
            {
                first.Follows(cluster.Before!);
            }

            _own[span.Parent!][cluster.Next].Follows(_own[span.Id][^1]);
            return;
        }

        foreach (var by in ReleasedBy(span))
        {
            var own = _own[by];
            var needed = own.LastOrDefault(s => s.End <= span.Start) ?? own[0];
            if (span.IsConsumer)
            {
                // Also where there was none: with other times there may be one.
                var wait = new FlowSegment(span.Id, span.Topic ?? "queue", SegmentKind.Queue, Math.Min(needed.End, span.Start), span.Start).Follows(needed);
                _segments.Add(wait);
                needed = wait;
            }

            first.Follows(needed);
        }
    }

    /// <summary>Children that are waited for, in groups that overlap or touch.</summary>
    private List<Cluster> Clusters(PathSpan span)
    {
        var clusters = new List<Cluster>();
        var end = long.MinValue;
        foreach (var child in _waitedFor[span.Id].OrderBy(s => s.Start).ThenBy(s => s.End))
        {
            if (clusters.Count == 0 || child.Start > end)
            {
                clusters.Add(new Cluster());
            }

            clusters[^1].Children.Add(child);
            end = Math.Max(end, child.End);
        }

        return clusters;
    }

    private bool IsWaitedFor(PathSpan span) =>
        span.Parent is not null && span.Parent != span.Id && !span.IsConsumer && _spans.TryGetValue(span.Parent, out var parent) && span.Start >= parent.Start && span.End <= parent.End;

    private IEnumerable<string> ReleasedBy(PathSpan span) => IsWaitedFor(span)
        ? []
        : span.Links.Append(span.Parent).OfType<string>().Where(id => id != span.Id && _spans.ContainsKey(id)).Distinct(StringComparer.Ordinal);

    /// <summary>Children of one span that overlap or touch.</summary>
    private sealed class Cluster
    {
        public List<PathSpan> Children { get; } = [];

        /// <summary>The parent's segment before them.</summary>
        public FlowSegment? Before { get; set; }

        /// <summary>The place of the parent's segment after them.</summary>
        public int Next { get; set; }

        /// <summary>Those that had ended when one began, without those that had when another of them began: they are needed by way of that.</summary>
        public List<PathSpan> NeededBy(PathSpan span)
        {
            var ended = Children.Where(s => s.End <= span.Start && s.Start < span.Start).ToList();
            var last = ended.Count == 0 ? 0 : ended.Max(s => s.Start);
            return ended.FindAll(s => s.End > last || s.Start == last);
        }
    }
}
