namespace Trunkline.Server.Sight.Traces;

/// <summary>The spans of one request, and why others of it are none. Not thread-safe.</summary>
/// <param name="now">The time, in nanoseconds since 1970.</param>
internal sealed class SpanBatch(long now)
{
    /// <summary>Spans of one request at most.</summary>
    public const int SpansMax = 10_000;

    /// <summary>Nanoseconds a span may lie ahead: clocks differ, but not by more.</summary>
    public const long FutureMax = 3600L * 1_000_000_000;

    /// <summary>Nanoseconds a span may be old: as long as traces are kept.</summary>
    public const long AgeMax = 48 * FutureMax;

    private readonly long[] _refused = new long[Enum.GetValues<SpanRefusal>().Length];

    /// <summary>The spans.</summary>
    public List<TraceSpan> Spans { get; } = [];

    /// <summary>Attributes and links left out of them.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Spans that were refused.</summary>
    public long Refused => _refused.Sum();

    /// <summary>Adds a span, or counts why not.</summary>
    public void Add(SpanDraft draft, string service)
    {
        if (Spans.Count == SpansMax)
        {
            Refuse(SpanRefusal.Many, 1);
        }
        else if (draft.Make(service, now, out var cause) is { } span)
        {
            Spans.Add(span);
            LeftOut += draft.LeftOut;
        }
        else
        {
            Refuse(cause, 1);
        }
    }

    /// <summary>Counts spans that are refused.</summary>
    public void Refuse(SpanRefusal cause, long count) => _refused[(int)cause] += count;

    /// <summary>What was refused and left out, in words; null if nothing was.</summary>
    public string? Remark()
    {
        var parts = Enum.GetValues<SpanRefusal>().Where(c => _refused[(int)c] > 0).Select(c => $"{_refused[(int)c]} spans refused: {Words(c)}");
        var text = string.Join("; ", LeftOut == 0 ? parts : parts.Append($"{LeftOut} attributes or links left out: a span has {SpanDraft.AttributesMax} and {SpanDraft.LinksMax} at most"));
        return text.Length == 0 ? null : text + ".";
    }

    private static string Words(SpanRefusal cause) => cause switch
    {
        SpanRefusal.Id => "an id is not 16 and 8 bytes that are not all zero",
        SpanRefusal.Time => "it has no beginning, or ends before it",
        SpanRefusal.Future => "it lies more than an hour ahead; set the clock of its host",
        SpanRefusal.Old => "it is older than 48 hours",
        _ => $"one request brings {SpansMax} at most",
    };
}

/// <summary>Why a span is refused.</summary>
internal enum SpanRefusal
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>An id is none.</summary>
    Id,

    /// <summary>Its times are none.</summary>
    Time,

    /// <summary>It lies ahead.</summary>
    Future,

    /// <summary>It is too old.</summary>
    Old,

    /// <summary>The request has too many.</summary>
    Many,
}
