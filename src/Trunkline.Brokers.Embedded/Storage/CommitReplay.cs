namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>
/// Reads the commit log after a crash, from the change behind those that RocksDB has in its files to the end. The end is where the next number
/// is not: a record torn by a power loss was promised to nobody, unless a later one says that it was durable; then it is damage.
/// </summary>
internal sealed class CommitReplay : IDisposable
{
    private readonly CommitSegment[] _opened;
    private readonly List<(ulong First, CommitSegment Segment)> _segments = [];
    private readonly Action<ReadOnlySpan<byte>> _apply;
    private byte[] _buffer = new byte[64 * 1024];

    private CommitReplay(string directory, ulong from, Action<ReadOnlySpan<byte>> apply)
    {
        (_opened, Last, _apply) = ([.. CommitSegment.Paths(directory).Select(CommitSegment.Open)], from, apply);
        FindSegments();
    }

    /// <summary>What the log held.</summary>
    /// <param name="Last">The number of the last change that could be read, in the log or before it.</param>
    /// <param name="Damage">What is damaged; null if nothing is.</param>
    internal sealed record Result(ulong Last, string? Damage);

    /// <summary>What the log held behind damage.</summary>
    /// <param name="Last">The number of the last change handed over.</param>
    /// <param name="Taken">How many were.</param>
    /// <param name="Lost">The numbers of those that cannot be read, though a later one says that they were durable.</param>
    internal sealed record Past(ulong Last, int Taken, IReadOnlyList<ulong> Lost);

    private ulong Last { get; set; }

    /// <summary>Hands over each change behind <paramref name="flushed"/>, in order, up to the end or to damage.</summary>
    public static Result Run(string directory, ulong flushed, Action<ReadOnlySpan<byte>> apply)
    {
        using var replay = new CommitReplay(directory, flushed, apply);
        (CommitSegment Segment, long At)? end = null;
        foreach (var (first, segment) in replay._segments)
        {
            if (first <= replay.Last + 1)
            {
                end = (segment, replay.Read(segment));
            }
        }

        return new Result(replay.Last, replay.FindDamage(end));
    }

    /// <summary>
    /// Hands over the whole changes behind damage, in order, though changes between are lost. What a power loss tore at the very end is left out, with
    /// all behind it, as ever.
    /// </summary>
    /// <param name="directory">Where the log is.</param>
    /// <param name="last">The change before the damage.</param>
    /// <param name="apply">Takes them.</param>
    public static Past RunPast(string directory, ulong last, Action<ReadOnlySpan<byte>> apply)
    {
        using var replay = new CommitReplay(directory, last, apply);
        var durable = replay._segments.Max(entry => (ulong?)replay.DurableBehindEnd(entry.Segment)) ?? 0;
        var lost = new List<ulong>();
        var taken = 0;
        foreach (var (record, segment, at) in replay._segments.SelectMany(entry => replay.Behind(entry.Segment)).OrderBy(found => found.Record.Number))
        {
            for (var missing = replay.Last + 1; missing < record.Number && missing <= durable; missing++)
            {
                lost.Add(missing);
            }

            if (record.Number - 1 > Math.Max(replay.Last, durable))
            {
                break;
            }

            replay.Record(segment, at);
            replay.Apply(record);
            (replay.Last, taken) = (record.Number, taken + 1);
        }

        return new Past(replay.Last, taken, lost);
    }

    /// <summary>The bytes of a damaged change as they are, with nothing to prove them; empty if not even its head is there.</summary>
    public static byte[] Unproved(string directory, ulong number)
    {
        using var replay = new CommitReplay(directory, number - 1, _ => { });
        foreach (var (_, segment) in replay._segments)
        {
            for (long at = 0; at < segment.Length; at += CommitRecord.PageSize)
            {
                if (replay.Head(segment, at) is { } record && record.Number == number)
                {
                    var bytes = new byte[CommitRecord.HeaderSize + record.Length];
                    segment.Read(bytes, at);
                    return bytes[record.Change];
                }
            }
        }

        return [];
    }

    public void Dispose()
    {
        foreach (var segment in _opened)
        {
            segment.Dispose();
        }
    }

    /// <summary>The files in their order, without those that hold flushed changes only: what follows them goes on from there. They are there for their batches.</summary>
    private void FindSegments()
    {
        // A file with no whole record at its start sorts behind all.
        _segments.AddRange(_opened.Select(segment => (Record(segment, 0)?.Number ?? ulong.MaxValue, segment)).OrderBy(entry => entry.Item1));
        _segments.RemoveRange(0, Math.Max(0, _segments.FindLastIndex(entry => entry.First <= Last + 1)));
    }

    /// <summary>Applies a file's records as far as their numbers count on, and says where that ends.</summary>
    private long Read(CommitSegment segment)
    {
        long at = 0;
        for (ulong? before = null; Record(segment, at) is { } record && (before is null || record.Number == before + 1); at += record.Size)
        {
            before = record.Number;
            if (record.Number == Last + 1)
            {
                Apply(record);
                Last = record.Number;
            }
        }

        return at;
    }

    /// <summary>Damage, if a record behind the end says that the next one was durable.</summary>
    private string? FindDamage((CommitSegment Segment, long At)? end)
    {
        var durable = _segments.Max(entry => (ulong?)DurableBehindEnd(entry.Segment)) ?? 0;
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

    /// <summary>Where a file's whole records behind the end stand.</summary>
    private IEnumerable<(CommitRecord Record, CommitSegment Segment, long At)> Behind(CommitSegment segment)
    {
        for (long at = 0; at < segment.Length;)
        {
            var whole = Head(segment, at) is { } head && head.Number > Last ? Record(segment, at) : null;
            if (whole is { } record)
            {
                yield return (record, segment, at);
            }

            at += whole?.Size ?? CommitRecord.PageSize;
        }
    }

    /// <summary>Hands over the change in the buffer.</summary>
    private void Apply(in CommitRecord record) => _apply(_buffer.AsSpan(record.Change));

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
