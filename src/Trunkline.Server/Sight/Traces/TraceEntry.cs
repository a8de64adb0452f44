using System.Globalization;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Sight.Traces;

/// <summary>What is known of a kept trace without reading it. Not thread-safe.</summary>
/// <param name="Trace">Its id.</param>
internal sealed record TraceEntry(string Trace)
{
    /// <summary>Spans of a trace at most.</summary>
    public const int SpansMax = 5_000;

    private const int NamesMax = 32;

    private readonly HashSet<ulong> _spans = [];

    /// <summary>When its first span began.</summary>
    public long Start { get; private set; } = long.MaxValue;

    /// <summary>When its last span ended.</summary>
    public long End { get; private set; }

    /// <summary>How many spans.</summary>
    public int Spans => _spans.Count;

    /// <summary>True for the commit of a unit, which is a trace of its own: it is shown with the messages it is linked to.</summary>
    public bool IsSettle => Spans == 1 && Linked.Count > 0 && Name.StartsWith(SpanNames.Settle + " ", StringComparison.Ordinal);

    /// <summary>Whether one of them failed.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether it was kept for its id, and not because it failed or was slow.</summary>
    public bool InShare { get; private set; }

    /// <summary>The name of its first span.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Services, flows, messages in it, and traces it is linked to; 32 of each at most.</summary>
    public HashSet<string> Services { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc cref="Services"/>
    public HashSet<string> Flows { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc cref="Services"/>
    public HashSet<string> Messages { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc cref="Services"/>
    public HashSet<string> Linked { get; } = new(StringComparer.Ordinal);

    /// <summary>Where its spans stand.</summary>
    public List<long> Offsets { get; } = [];

    /// <summary>False for a span that is there already, and for one there is no room for.</summary>
    public bool TakesIn(TraceSpan span) => _spans.Count < SpansMax && !_spans.Contains(IdOf(span));

    /// <summary>Notes a span.</summary>
    public void Note(TraceSpan span)
    {
        _spans.Add(IdOf(span));
        if (span.Start < Start)
        {
            (Start, Name) = (span.Start, span.Name);
        }

        End = Math.Max(End, span.End);
        Failed |= span.Failed;
        InShare |= span.Service != KeptSpans.Service || span[SpanNames.Share] is not null;
        Add(Services, span.Service);
        Add(Flows, span[SpanNames.Flow]);
        Add(Messages, span[SpanNames.MessageId]);
        foreach (var link in span.Links.Where(l => l.Trace != Trace))
        {
            Add(Linked, link.Trace);
        }
    }

    /// <summary>Notes where spans of it stand; true if none stood there before.</summary>
    public bool StandsAt(long offset)
    {
        if (Offsets.Count > 0 && Offsets[^1] == offset)
        {
            return false;
        }

        Offsets.Add(offset);
        return true;
    }

    private static ulong IdOf(TraceSpan span) => ulong.Parse(span.Id, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static void Add(HashSet<string> names, string? name)
    {
        if (name is not null && names.Count < NamesMax)
        {
            names.Add(name);
        }
    }
}
