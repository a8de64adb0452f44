namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>A stretch of a critical path.</summary>
/// <param name="Span">The span; the one that waited, for a wait.</param>
/// <param name="Owner">Whom the time belongs to.</param>
/// <param name="Kind">Work or wait.</param>
/// <param name="Start">From.</param>
/// <param name="End">To.</param>
internal readonly record struct PathSection(string Span, string Owner, SegmentKind Kind, long Start, long End)
{
    /// <summary>How long.</summary>
    public long Length => End - Start;
}

/// <summary>What time is spent on.</summary>
internal enum SegmentKind
{
    /// <summary>A span's own time: none of those it waits for runs.</summary>
    Work,

    /// <summary>A message lies in a topic.</summary>
    Queue,

    /// <summary>Nothing known runs, though what the next needed had ended.</summary>
    Gap,
}
