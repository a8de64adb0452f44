using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;

namespace Trunkline.Server.Steps;

/// <summary>What every output of a flow says about where it comes from. Immutable.</summary>
/// <param name="Flow">The flow's name.</param>
/// <param name="Revision">The revision's name.</param>
internal sealed record Provenance(string Flow, string Revision)
{
    // Two slashes, a partition and an offset.
    private const int PlaceBytesMax = 2 + 11 + 20;
    private readonly Header _flow = new(HeaderNames.Flow, Encoding.UTF8.GetBytes(Flow));
    private readonly long _spanSeed = TraceParent.SeedOf(Flow);
    private readonly Header _revision = new(HeaderNames.Revision, Encoding.UTF8.GetBytes(Revision));

    /// <summary>Source of every output.</summary>
    public string Source { get; } = SourceOf(Flow);

    /// <summary>Source of every output of a flow.</summary>
    public static string SourceOf(string flow) => "trunkline:flow/" + flow;

    /// <summary>The id, in UTF-8, of what a sink gets of a message: equal for a repeat of the message, at this sink only.</summary>
    public ReadOnlyMemory<byte> IdOf(Message incoming, string sink) => StableId.Utf8Of(incoming.Source, incoming.IdUtf8.Span, Flow, sink);

    /// <summary>The headers of every output of a message.</summary>
    public Headers HeadersOf(MessageEffects run)
    {
        var passedOn = 0;
        var parent = ReadOnlyMemory<byte>.Empty;
        var incoming = run.Input.Stored.Message.Headers;
        for (var i = 0; i < incoming.Count; i++)
        {
            passedOn += IsPassedOn(incoming[i].Name) ? 1 : 0;
            parent = incoming[i].Name == HeaderNames.TraceParent ? incoming[i].Value : parent;
        }

        var (position, traceParent) = PlaceOf(run.Input, parent.Span);
        var hasModels = run.Models.Count > 0;
        var headers = new Header[4 + (hasModels ? 1 : 0) + (run.Degraded.Count > 0 ? 1 : 0) + passedOn];
        headers[0] = _flow;
        headers[1] = _revision;
        headers[2] = new Header(HeaderNames.Position, position);
        var next = 3;
        if (hasModels)
        {
            headers[next++] = new Header(HeaderNames.Models, string.Join(", ", run.Models));
        }

        if (run.Degraded.Count > 0)
        {
            headers[next++] = new Header(HeaderNames.Degraded, string.Join(", ", run.Degraded));
        }

        for (var i = 0; passedOn > 0 && i < incoming.Count; i++)
        {
            if (IsPassedOn(incoming[i].Name))
            {
                headers[next++] = incoming[i];
            }
        }

        headers[next] = new Header(HeaderNames.TraceParent, traceParent);
        return Headers.Owning(headers);
    }

    private static bool IsPassedOn(string name) =>
        name is HeaderNames.TraceState or HeaderNames.Tenant or HeaderNames.Priority or HeaderNames.CloudEventType or HeaderNames.Replay;

    /// <summary>Where the message stands, and the span of what is made of it; both in one array.</summary>
    private (ReadOnlyMemory<byte> Position, ReadOnlyMemory<byte> TraceParent) PlaceOf(PipelineInput input, ReadOnlySpan<byte> parent)
    {
        Span<byte> place = stackalloc byte[PlaceBytesMax];
        var position = input.Stored.Position;
        Utf8.TryWrite(place, CultureInfo.InvariantCulture, $"/{position.Partition}/{position.Offset}", out var placeLength);
        var topicLength = Encoding.UTF8.GetByteCount(input.Topic);
        var length = topicLength + placeLength;
        var bytes = new byte[length + TraceParent.Length];
        Encoding.UTF8.GetBytes(input.Topic, bytes);
        place[..placeLength].CopyTo(bytes.AsSpan(topicLength));
        if (input.Span?.TraceParent is { } own)
        {
            Encoding.ASCII.GetBytes(own, bytes.AsSpan(length));
        }
        else
        {
            TraceParent.WriteChild(parent, input.Stored.Message, _spanSeed, bytes.AsSpan(length));
        }

        return (bytes.AsMemory(0, length), bytes.AsMemory(length));
    }
}
