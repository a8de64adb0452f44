using System.Globalization;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.CriticalPaths;

/// <summary>
/// Says whom the time of kept spans belongs to: <c>publish</c>, <c>topic.NAME</c>, <c>flow.NAME</c>, <c>step.NAME</c>, <c>model.NAME</c>, <c>sink.NAME</c>,
/// <c>wait.retry</c>, <c>wait.parked</c>, <c>wait.model.NAME</c>, and <c>service.NAME</c> for spans of others. What is another flow's has its name before it.
/// </summary>
internal sealed class PathOwners
{
    /// <summary>How owners of waits for room at a model begin.</summary>
    public const string RoomPrefix = "wait.model.";

    private readonly string _flow;
    private readonly Dictionary<SpanRef, TraceSpan> _spans;
    private readonly ILookup<(string Trace, string? Flow, string? Sink, string? Message), TraceSpan> _tries;

    /// <param name="flow">The flow it is about.</param>
    /// <param name="spans">All spans, each once.</param>
    public PathOwners(string flow, IReadOnlyList<TraceSpan> spans)
    {
        _flow = flow;
        _spans = spans.ToDictionary(s => s.Ref);
        _tries = spans.Where(IsProcess).ToLookup(KeyOf);
    }

    public static bool IsProcess(TraceSpan span) => IsOwn(span, SpanNames.Process);

    public static bool IsSettle(TraceSpan span) => IsOwn(span, SpanNames.Settle);

    /// <summary>A span's id within graphs: unique over traces.</summary>
    public static string IdOf(SpanRef span) => span.Trace + span.Id;

    /// <summary>The id within graphs of the wait for room at a model; of no length where there was none.</summary>
    public static string RoomOf(SpanRef asked) => IdOf(asked) + "/wait";

    /// <summary>How long a question waited for room.</summary>
    public static long WaitedOf(TraceSpan asked) => Math.Min(Nanoseconds(asked[SpanNames.ModelWait]), asked.End - asked.Start);

    /// <summary>Earlier tries of the same message.</summary>
    public IEnumerable<TraceSpan> TriesBefore(TraceSpan span) => IsProcess(span) ? _tries[KeyOf(span)].Where(t => t.End <= span.Start && t.Id != span.Id) : [];

    /// <summary>The spans as graphs are made of.</summary>
    /// <param name="spans">Spans of one trace.</param>
    /// <param name="isAlone">True to leave out what came before them.</param>
    public IEnumerable<PathSpan> Of(IEnumerable<TraceSpan> spans, bool isAlone = false)
    {
        foreach (var span in spans.Where(s => !IsOwn(s, SpanNames.RetryWait) && !IsOwn(s, SpanNames.ParkedWait)))
        {
            var path = new PathSpan(IdOf(span.Ref), span.Parent is null || isAlone && IsProcess(span) ? null : IdOf(new(span.Trace, span.Parent)), OwnerOf(span), span.Start, span.End)
            {
                IsProducer = span.Role == SpanRole.Producer,
                IsConsumer = span.Role == SpanRole.Consumer,
                Links = isAlone ? [] : [.. span.Links.Select(IdOf)],
                Topic = span.Role == SpanRole.Consumer ? "topic." + (span[SpanNames.Destination] ?? "unknown") : null,
            };
            var (begun, more) = IsProcess(span) && !isAlone ? Begun(path, span) : (path, ModelWait(span, path));
            if (more is not null)
            {
                yield return more;
            }

            yield return begun;
        }
    }

    /// <summary>What a try began with: the try before it, or its message's append, where nobody else tells of that.</summary>
    private (PathSpan Span, PathSpan? More) Begun(PathSpan path, TraceSpan span)
    {
        if (TriesBefore(span).MaxBy(t => t.End) is { } before)
        {
            return (path with { Parent = null, Links = [IdOf(before.Ref)], Topic = "wait.retry" }, null);
        }

        if (span.Links.Any(_spans.ContainsKey) || (span.Parent is { } parent && _spans.ContainsKey(new(span.Trace, parent))))
        {
            return (path, null);
        }

        var append = span.Start - Nanoseconds(span[SpanNames.QueueWait]);
        var id = path.Id + "/append";
        return (path with { Parent = null, Links = [id] }, new PathSpan(id, null, "publish", append, append) { IsProducer = true });
    }

    /// <summary>The wait for room at a model is none of its work.</summary>
    private static PathSpan? ModelWait(TraceSpan span, PathSpan path)
    {
        return span[SpanNames.GenAiModel] is null ? null : new PathSpan(RoomOf(span.Ref), path.Id, "wait." + path.Owner, span.Start, span.Start + WaitedOf(span));
    }

    private string OwnerOf(TraceSpan span)
    {
        if (span.Service != KeptSpans.Service)
        {
            return "service." + span.Service;
        }

        var flow = FlowOf(span);
        var owner = (span.Name.Split(' ')[0], span[SpanNames.GenAiModel], span[SpanNames.Sink]) switch
        {
            (_, { } model, _) => "model." + model,
            (SpanNames.Process, _, { } sink) => "sink." + sink,
            (SpanNames.Process, _, _) => "flow." + flow,
            (SpanNames.Step, _, _) => "step." + span.Name[(SpanNames.Step.Length + 1)..],
            (SpanNames.Deliver, _, _) => "sink." + span.Name[(SpanNames.Deliver.Length + 1)..],
            (SpanNames.Send, _, _) => "publish",
            _ => span.Name,
        };
        return flow is null || flow == _flow || owner.StartsWith("model.", StringComparison.Ordinal) || owner.StartsWith("flow.", StringComparison.Ordinal) ? owner : $"{flow}/{owner}";
    }

    /// <summary>The flow a span is of: its own, or that of a span above it.</summary>
    private string? FlowOf(TraceSpan span)
    {
        for (var depth = 0; depth < 16; depth++)
        {
            if (span[SpanNames.Flow] is { } flow)
            {
                return flow;
            }

            if (IsOwn(span, SpanNames.Send) || span.Parent is null || !_spans.TryGetValue(new(span.Trace, span.Parent), out var above))
            {
                return null;
            }

            span = above;
        }

        return null;
    }

    private static bool IsOwn(TraceSpan span, string name) =>
        span.Service == KeptSpans.Service && span.Name.StartsWith(name, StringComparison.Ordinal) && (span.Name.Length == name.Length || span.Name[name.Length] == ' ');

    private static (string Trace, string? Flow, string? Sink, string? Message) KeyOf(TraceSpan span) => (span.Trace, span[SpanNames.Flow], span[SpanNames.Sink], span[SpanNames.MessageId]);

    private static long Nanoseconds(string? seconds) =>
        double.TryParse(seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 1e9 ? (long)(value * 1e9) : 0;
}
