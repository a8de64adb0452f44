namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>A stretch of time of one owner within a flow's graph; nothing it waits for lies within it.</summary>
/// <param name="Span">The span.</param>
/// <param name="Owner">Whom it belongs to.</param>
/// <param name="Kind">Work, or a wait in a topic.</param>
/// <param name="Start">From.</param>
/// <param name="End">To.</param>
internal sealed record FlowSegment(string Span, string Owner, SegmentKind Kind, long Start, long End)
{
    private readonly List<FlowSegment> _after = [];

    /// <summary>What had to end before it could begin.</summary>
    public IReadOnlyList<FlowSegment> After => _after;

    /// <summary>How long.</summary>
    public long Length => End - Start;

    /// <summary>It begins only after the other has ended.</summary>
    public FlowSegment Follows(FlowSegment other)
    {
        _after.Add(other);
        return this;
    }

    /// <summary>Two segments are the same only if they are one.</summary>
    public bool Equals(FlowSegment? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
