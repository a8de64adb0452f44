namespace Trunkline.Client.Api;

/// <summary>Kept traces, the last to begin first.</summary>
/// <param name="Share">The share of the node's traces that is kept now, besides the failed and the slowest; null if it keeps none of its own.</param>
/// <param name="Traces">The traces.</param>
public sealed record TraceList(double? Share, IReadOnlyList<TraceSummary> Traces);

/// <summary>A kept trace.</summary>
/// <param name="Trace">Its id, 32 hex digits.</param>
/// <param name="Name">The name of its first span.</param>
/// <param name="StartedAt">When that began.</param>
/// <param name="DurationMs">From there to the end of its last span.</param>
/// <param name="Spans">How many spans are kept.</param>
/// <param name="Failed">Whether one of them failed.</param>
/// <param name="Sampled">Whether it was kept for its id; false if only because it failed or was slow.</param>
/// <param name="Services">The services it passed.</param>
/// <param name="Flows">The flows it passed.</param>
public sealed record TraceSummary(
    string Trace, string Name, DateTimeOffset StartedAt, double DurationMs, int Spans, bool Failed, bool Sampled, IReadOnlyList<string> Services, IReadOnlyList<string> Flows);

/// <summary>The spans of a trace and of those it is linked to.</summary>
/// <param name="Trace">Its id.</param>
/// <param name="Spans">In the order they began.</param>
public sealed record TraceView(string Trace, IReadOnlyList<SpanView> Spans);

/// <summary>A span.</summary>
/// <param name="Trace">Its trace: another than asked for if it is of a linked one.</param>
/// <param name="Id">Its id, 16 hex digits.</param>
/// <param name="Parent">The span it is below; null for none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>internal</c>, <c>server</c>, <c>client</c>, <c>producer</c>, <c>consumer</c> or <c>none</c>.</param>
/// <param name="Service">The service it comes from.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="Failed">Whether it failed.</param>
/// <param name="Attributes">What is said about it.</param>
/// <param name="Links">The spans it is linked to.</param>
public sealed record SpanView(
    string Trace,
    string Id,
    string? Parent,
    string Name,
    string Kind,
    string Service,
    DateTimeOffset StartedAt,
    double DurationMs,
    bool Failed,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<SpanLinkView> Links);

/// <summary>A link to another span.</summary>
/// <param name="Trace">Its trace.</param>
/// <param name="Span">Its id.</param>
public sealed record SpanLinkView(string Trace, string Span);
