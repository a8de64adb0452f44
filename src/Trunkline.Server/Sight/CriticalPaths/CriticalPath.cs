namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// What a delivery waited for: from its end back, always to the last that had to end before. The sections are a partition of the time from
/// ingest to delivery, each tick belongs to exactly one.
/// </summary>
internal static class CriticalPath
{
    /// <summary>The sections, from ingest to delivery.</summary>
    public static IReadOnlyList<PathSection> Of(FlowGraph graph)
    {
        var sections = new List<PathSection>();
        var at = graph.Delivered;
        foreach (var segment in Back(graph.Last))
        {
            at = Add(sections, segment, SegmentKind.Gap, segment.End, at);
            at = Add(sections, segment, segment.Kind, segment.Start, at);
        }

        sections.Reverse();
        return sections.Sum(s => s.Length) == graph.Length
            ? Blamed(sections)
            : throw new InvalidOperationException($"The path is {sections.Sum(s => s.Length)} ticks long, the way {graph.Length}.");
    }

    /// <summary>The segments back from one, each the last to end of what the one before needed.</summary>
    public static IEnumerable<FlowSegment> Back(FlowSegment last)
    {
        for (var segment = last; segment is not null; segment = segment.After.MaxBy(a => a.End))
        {
            yield return segment;
        }
    }

    // Where clocks differ a segment may end after the next began: only what lies before counts, so that no tick counts twice.
    private static long Add(List<PathSection> sections, FlowSegment segment, SegmentKind kind, long from, long at)
    {
        if (from >= at)
        {
            return at;
        }

        sections.Add(new PathSection(segment.Span, segment.Owner, kind, from, at));
        return from;
    }

    /// <summary>A gap belongs to what began late after it, not to what had ended before it.</summary>
    private static List<PathSection> Blamed(List<PathSection> sections)
    {
        for (var i = sections.Count - 2; i >= 0; i--)
        {
            if (sections[i].Kind == SegmentKind.Gap)
            {
                sections[i] = sections[i] with { Span = sections[i + 1].Span, Owner = sections[i + 1].Owner };
            }
        }

        return sections;
    }
}
