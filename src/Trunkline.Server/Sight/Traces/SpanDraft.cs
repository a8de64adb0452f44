using System.Buffers;
using System.Globalization;

namespace Trunkline.Server.Sight.Traces;

/// <summary>A span as it is read, with its bounds: what is more is left out and counted. Not thread-safe.</summary>
internal sealed class SpanDraft
{
    /// <summary>Attributes of a span at most.</summary>
    public const int AttributesMax = 64;

    /// <summary>Links of a span at most.</summary>
    public const int LinksMax = 128;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    private readonly List<KeyValuePair<string, string>> _attributes = [];
    private readonly List<SpanRef> _links = [];

    public string Trace { get; set; } = "";

    public string Id { get; set; } = "";

    public string Parent { get; set; } = "";

    public string Name { get; set; } = "";

    public ulong Role { get; set; }

    public ulong Start { get; set; }

    public ulong End { get; set; }

    public bool Failed { get; set; }

    /// <summary>Attributes and links left out.</summary>
    public int LeftOut { get; private set; }

    public void Attribute(string name, string? value)
    {
        if (value is null || SpanText.IsContent(name))
        {
            return;
        }

        if (_attributes.Count == AttributesMax)
        {
            LeftOut++;
            return;
        }

        _attributes.Add(new(SpanText.Clean(name, SpanText.NameMax), SpanText.Clean(value, SpanText.ValueMax)));
    }

    public void Link(SpanRef to)
    {
        if (_links.Count == LinksMax || !IsId(to.Trace, 32) || !IsId(to.Id, 16))
        {
            LeftOut++;
            return;
        }

        _links.Add(to);
    }

    /// <summary>The span; or why it is none.</summary>
    /// <param name="service">The service it comes from.</param>
    /// <param name="now">Nanoseconds since 1970.</param>
    /// <param name="cause">Why it is refused.</param>
    public TraceSpan? Make(string service, long now, out SpanRefusal cause)
    {
        cause = !IsId(Trace, 32) || !IsId(Id, 16) || (Parent.Length > 0 && !IsId(Parent, 16)) ? SpanRefusal.Id
            : Start == 0 || Start > long.MaxValue || End < Start ? SpanRefusal.Time
            : Start > (ulong)(now + SpanBatch.FutureMax) || End > (ulong)(now + SpanBatch.FutureMax) ? SpanRefusal.Future
            : End < (ulong)(now - SpanBatch.AgeMax) ? SpanRefusal.Old
            : SpanRefusal.None;
        return cause != SpanRefusal.None ? null : new TraceSpan
        {
            Trace = Trace,
            Id = Id,
            Parent = Parent.Length == 0 || Parent == Id ? null : Parent,
            Name = SpanText.Clean(Name, SpanText.NameMax),
            Role = Role <= (ulong)SpanRole.Consumer ? (SpanRole)Role : SpanRole.None,
            Start = (long)Start,
            End = (long)End,
            Failed = Failed,
            Service = service,
            Attributes = _attributes,
            Links = _links,
        };
    }

    /// <summary>An id as lower-case hex digits; empty for all zeros, which is how some say none.</summary>
    public static string IdOf(ReadOnlySpan<byte> bytes) => bytes.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, 32)]) : "";

    /// <summary>Whether a text is an id of so many hex digits.</summary>
    public static bool IsId(string id, int length) => id.Length == length && !id.AsSpan().ContainsAnyExcept(Hex) && id.AsSpan().ContainsAnyExcept('0');

    /// <summary>A number as text.</summary>
    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
