namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// The critical path of one trace as other tools have it, to be compared with them: children are cut to their parent, the path goes back from
/// the last child that ended, and it stops where a message is handed over. For flows across topics there is <see cref="FlowGraph"/>.
/// </summary>
internal sealed class TracePath
{
    /// <summary>Nesting at most; deeper traces are refused.</summary>
    public const int DepthMax = 1000;

    private readonly PathRules _rules;
    private readonly ILookup<string, PathSpan> _children;
    private readonly List<PathSection> _sections = [];

    private TracePath(IReadOnlyList<PathSpan> spans, PathRules rules)
    {
        _rules = rules;
        _children = spans.Where(s => s.Parent is not null).ToLookup(s => s.Parent!, StringComparer.Ordinal);
    }

    /// <summary>The sections from the end to the beginning; together they are the root's time.</summary>
    /// <param name="spans">The spans; the root is the earliest without a parent among them.</param>
    /// <param name="rules">Whose rules.</param>
    /// <exception cref="ArgumentException">There is no root, or it is nested too deep.</exception>
    public static IReadOnlyList<PathSection> Of(IReadOnlyList<PathSpan> spans, PathRules rules)
    {
        var ids = spans.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        var root = spans.Where(s => s.Parent is null || !ids.Contains(s.Parent)).MinBy(s => s.Start)
            ?? throw new ArgumentException("The trace has no root.", nameof(spans));
        var path = new TracePath(spans, rules);
        path.Walk(root, root.Start, root.End, 0, 0);
        return path._sections;
    }

    /// <param name="span">The span.</param>
    /// <param name="start">Its start within its parent.</param>
    /// <param name="until">Its end as far as it counts, moved by the shift.</param>
    /// <param name="shift">How far it is moved to earlier times.</param>
    /// <param name="depth">Spans above it.</param>
    private void Walk(PathSpan span, long start, long until, long shift, int depth)
    {
        if (depth > DepthMax)
        {
            throw new ArgumentException($"The trace is nested deeper than {DepthMax}.", nameof(span));
        }

        var end = until + shift;
        var children = Within(span, start, end);
        var at = until;
        long? next = null;
        foreach (var (child, from, to) in children)
        {
            if (next is { } later && !EndsBefore(to, later) && !IsSkew(children, from, to, later, end - start))
            {
                continue;
            }

            var childEnd = Math.Min(to - shift, at);
            Add(span, childEnd, at);
            Walk(child, from, childEnd, to - childEnd, depth + 1);
            at = from - (to - childEnd);
            next = from;
        }

        Add(span, start - shift, at);
    }

    /// <summary>The children that count, cut to the span, the last to end first.</summary>
    private List<(PathSpan Child, long From, long To)> Within(PathSpan span, long start, long end) =>
    [
        .. _children[span.Id]
            .Where(c => !(span.IsProducer && c.IsConsumer) && c.Start < end && c.End > start)
            .Select(c => (c, Math.Max(c.Start, start), Math.Min(c.End, end)))
            .OrderByDescending(c => c.Item3).ThenBy(c => c.Item2),
    ];

    private bool EndsBefore(long end, long later) => _rules.TouchingIsAfter ? end <= later : end < later;

    /// <summary>True for a small overlap in which nothing happens but the end of one and the start of the other.</summary>
    private bool IsSkew(List<(PathSpan Child, long From, long To)> children, long from, long to, long later, long whole) =>
        _rules.SkewShare > 0 && from < later && to - later < _rules.SkewShare * whole
        && children.Sum(c => (c.From >= later && c.From <= to ? 1 : 0) + (c.To >= later && c.To <= to ? 1 : 0)) == 2;

    private void Add(PathSpan span, long from, long to)
    {
        if (from < to)
        {
            _sections.Add(new PathSection(span.Id, span.Owner, SegmentKind.Work, from, to));
        }
    }
}
