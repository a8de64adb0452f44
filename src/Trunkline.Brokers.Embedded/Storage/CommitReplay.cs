namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// Reads the commit log after a crash, from the change behind those that RocksDB has in its files to the end. The end is where the next number
/// is not: a record torn by a power loss was promised to nobody, unless a later one says that it was durable; then it is damage.
/// </summary>
internal sealed class CommitReplay : IDisposable
{
    private readonly CommitSegment[] _segments;
    private readonly Action<ReadOnlySpan<byte>> _apply;
    private byte[] _buffer = new byte[64 * 1024];

    private CommitReplay(string directory, ulong from, Action<ReadOnlySpan<byte>> apply) =>
        (_segments, Last, _apply) = ([.. CommitSegment.Paths(directory).Select(CommitSegment.Open)], from, apply);

    /// <summary>What the log held.</summary>
    /// <param name="Last">The number of the last change that could be read, in the log or before it.</param>
    /// <param name="Damage">What is damaged; null if nothing is.</param>
    internal sealed record Result(ulong Last, string? Damage);

    private ulong Last { get; set; }

    /// <summary>Hands over each change behind <paramref name="flushed"/>, in order, up to the end or to damage.</summary>
    public static Result Run(string directory, ulong flushed, Action<ReadOnlySpan<byte>> apply)
    {
        using var replay = new CommitReplay(directory, flushed, apply);
        (CommitSegment Segment, long At)? end = null;
        foreach (var segment in replay._segments.OrderBy(replay.First))
        {
            if (replay.First(segment) <= replay.Last + 1)
            {
                end = (segment, replay.Read(segment));
            }
        }

        return new Result(replay.Last, replay.FindDamage(end));
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            segment.Dispose();
        }
    }

    /// <summary>The number a file begins with; none sorts behind all.</summary>
    private ulong First(CommitSegment segment) => Record(segment, 0)?.Number ?? ulong.MaxValue;

    /// <summary>Applies a file's records as far as their numbers count on, and says where that ends.</summary>
    private long Read(CommitSegment segment)
    {
        long at = 0;
        for (ulong? before = null; Record(segment, at) is { } record && (before is null || record.Number == before + 1); at += record.Size)
        {
            before = record.Number;
            if (record.Number == Last + 1)
            {
                _apply(_buffer.AsSpan(CommitRecord.HeaderSize, record.Length));
                Last = record.Number;
            }
        }

        return at;
    }

    /// <summary>Damage, if a record behind the end says that the next one was durable.</summary>
    private string? FindDamage((CommitSegment Segment, long At)? end)
    {
        var durable = _segments.Max(segment => (ulong?)DurableBehindEnd(segment)) ?? 0;
        if (durable <= Last)
        {
            return null;
        }

        var place = end is { } known ? $"{Path.GetFileName(known.Segment.Path)} at byte {known.At}" : "a file that is missing";
        return FormattableString.Invariant($"the commit log is damaged in {place}: changes {Last + 1} to {durable} were acknowledged and cannot be read in their order.");
    }

    /// <summary>The newest change that a file's records say was durable, if it is behind the end; else 0.</summary>
    private ulong DurableBehindEnd(CommitSegment segment)
    {
        ulong durable = 0;
        for (long at = 0; at < segment.Length; at += CommitRecord.PageSize)
        {
            if (Head(segment, at) is { } head && head.Durable > Math.Max(Last, durable) && Record(segment, at) is not null)
            {
                durable = head.Durable;
            }
        }

        return durable;
    }

    private CommitRecord? Head(CommitSegment segment, long at)
    {
        Span<byte> head = stackalloc byte[CommitRecord.HeaderSize];
        return segment.Read(head, at) == head.Length && CommitRecord.Head(head) is { } record && record.Length <= segment.Length - at - head.Length ? record : null;
    }

    /// <summary>The whole and proved record at a place, then in the buffer; null if there is none.</summary>
    private CommitRecord? Record(CommitSegment segment, long at)
    {
        if (Head(segment, at) is not { } record || record.Size > segment.Length - at)
        {
            return null;
        }

        if (_buffer.Length < record.Size)
        {
            _buffer = new byte[record.Size];
        }

        return segment.Read(_buffer.AsSpan(0, (int)record.Size), at) == record.Size && record.Proves(_buffer) ? record : null;
    }
}
