namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// What waited for what on the way of one message, across topics: segments, and what each needed. Immutable once made; the order of its
/// segments is such that each comes after all it needed.
/// </summary>
internal sealed class FlowGraph
{
    private readonly Dictionary<FlowSegment, int> _places;

    /// <param name="segments">All segments.</param>
    /// <param name="last">The one whose end is the delivery.</param>
    /// <exception cref="ArgumentException">A segment needs itself, directly or not, or ends before it begins.</exception>
    public FlowGraph(IReadOnlyCollection<FlowSegment> segments, FlowSegment last)
    {
        if (segments.FirstOrDefault(s => s.End < s.Start) is { } backwards)
        {
            throw new ArgumentException($"A segment of '{backwards.Span}' ends before it begins.", nameof(segments));
        }

        Segments = Sort(segments);
        Last = last;
        _places = Segments.Select((segment, place) => (segment, place)).ToDictionary(s => s.segment, s => s.place);
        Ingest = CriticalPath.Back(last).Min(s => s.Start);
    }

    /// <summary>All segments, each after what it needed.</summary>
    public IReadOnlyList<FlowSegment> Segments { get; }

    /// <summary>The one whose end is the delivery.</summary>
    public FlowSegment Last { get; }

    /// <summary>When the message came in.</summary>
    public long Ingest { get; }

    /// <summary>When it was delivered.</summary>
    public long Delivered => Last.End;

    /// <summary>From ingest to delivery.</summary>
    public long Length => Delivered - Ingest;

    /// <summary>
    /// How long the way would take if segments took other times. Each begins when the last of what it needed has ended, and after it what was
    /// recorded to lie between; what lies between is negative where clocks differ, and stays so. Waits in topics are as any segment.
    /// </summary>
    /// <param name="scale">The factor of a segment's time: 0.5 for half of it.</param>
    public long Replay(Func<FlowSegment, double> scale) => ReplayLengths(segment => Scaled(segment, scale(segment)));

    /// <summary>The same, with the time of each segment.</summary>
    public long ReplayLengths(Func<FlowSegment, long> length)
    {
        var ends = new long[Segments.Count];
        for (var i = 0; i < ends.Length; i++)
        {
            var segment = Segments[i];
            var start = segment.Start;
            if (segment.After.Count > 0)
            {
                start = segment.After.Max(a => ends[_places[a]]) + Between(segment);
            }

            ends[i] = start + length(segment);
        }

        return ends[_places[Last]] - Ingest;
    }

    /// <summary>A segment's time by a factor.</summary>
    public static long Scaled(FlowSegment segment, double factor) => (long)Math.Round(segment.Length * factor, MidpointRounding.AwayFromZero);

    /// <summary>What lies between the end of the last it needed and its start; 0 if it needed nothing.</summary>
    public static long Between(FlowSegment segment) => segment.After.Count == 0 ? 0 : segment.Start - segment.After.Max(a => a.End);

    private static List<FlowSegment> Sort(IReadOnlyCollection<FlowSegment> segments)
    {
        var open = segments.ToDictionary(s => s, s => s.After.Count);
        var next = segments.SelectMany(s => s.After, (s, a) => (s, a)).ToLookup(p => p.a, p => p.s);
        var ready = new Queue<FlowSegment>(segments.Where(s => s.After.Count == 0));
        var sorted = new List<FlowSegment>(segments.Count);
        while (ready.TryDequeue(out var segment))
        {
            sorted.Add(segment);
            foreach (var later in next[segment].Where(later => --open[later] == 0))
            {
                ready.Enqueue(later);
            }
        }

        return sorted.Count == segments.Count ? sorted : throw new ArgumentException("Segments wait for each other in a circle, or for one that is not there.", nameof(segments));
    }
}
