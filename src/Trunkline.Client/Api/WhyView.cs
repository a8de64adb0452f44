namespace Trunkline.Client.Api;

/// <summary>Why a flow is slow or fails: causes ranked by evidence.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="From">From when on it was looked at.</param>
/// <param name="Until">Until when.</param>
/// <param name="BaselineFrom">From when on the time before counts as usual; null if nothing is known of it.</param>
/// <param name="Summary">In one line; says so if nothing stands out.</param>
/// <param name="Suspects">The likeliest first; none if nothing stands out.</param>
/// <param name="Times">Where the time of a message goes, the most first.</param>
public sealed record WhyView(
    string Flow, DateTimeOffset From, DateTimeOffset Until, DateTimeOffset? BaselineFrom, string Summary, IReadOnlyList<SuspectView> Suspects, IReadOnlyList<HopTimeView> Times);

/// <summary>A cause that evidence speaks for.</summary>
/// <param name="Hop">Where: <c>model reply</c>, <c>sink webhook-1</c>, <c>steps</c>, <c>topic in</c>; or which messages it is: <c>tenant acme</c>.</param>
/// <param name="Kind"><c>slower</c>, <c>failing</c>, <c>waiting</c>, <c>stopped</c>, <c>load</c> or <c>bound</c> (it takes most of the time, always did, and the flow breaks its promise).</param>
/// <param name="Score">How much speaks for it; comparable within one answer only.</param>
/// <param name="Evidence">What speaks for it, each with where it is seen.</param>
public sealed record SuspectView(string Hop, string Kind, double Score, IReadOnlyList<EvidenceView> Evidence)
{
    /// <summary>Which messages it is there, if not all: <c>tenant acme</c>; or who else fills the place: <c>flow other</c>. Null for all messages.</summary>
    public string? Messages { get; init; }
}

/// <summary>Something that is so.</summary>
/// <param name="Says">What.</param>
/// <param name="Link">Where on the node it is seen.</param>
public sealed record EvidenceView(string Says, string Link);

/// <summary>What a hop takes of a message's time.</summary>
/// <param name="Hop">The hop.</param>
/// <param name="Kind"><c>work</c> or <c>wait</c>.</param>
/// <param name="Share">Of the sum over all hops of the flow, 0 to 1.</param>
/// <param name="P50Ms">Half took at most this long.</param>
/// <param name="P99Ms">99 of 100 took at most this long.</param>
/// <param name="UsualP50Ms">The same in the time before; null if nothing is known.</param>
/// <param name="UsualP99Ms">The same in the time before; null if nothing is known.</param>
public sealed record HopTimeView(string Hop, string Kind, double Share, double P50Ms, double P99Ms, double? UsualP50Ms, double? UsualP99Ms);
