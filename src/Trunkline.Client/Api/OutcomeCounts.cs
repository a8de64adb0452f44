namespace Trunkline.Client.Api;

/// <summary>What became of messages, counted.</summary>
/// <param name="Since">From when messages are counted.</param>
/// <param name="Until">When it was counted.</param>
/// <param name="Flows">Flows with messages in that time, by name.</param>
/// <param name="Facts">What was told later in that time, by kind. Facts name messages, not flows.</param>
public sealed record OutcomeCounts(DateTimeOffset Since, DateTimeOffset Until, IReadOnlyList<FlowOutcomeCounts> Flows, IReadOnlyList<FactCount> Facts);

/// <summary>What became of the messages of one flow.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Messages">How many it was done with.</param>
/// <param name="Outcomes">Delivered and filtered first, then failures, the most frequent first, then what sinks gave up.</param>
public sealed record FlowOutcomeCounts(string Flow, long Messages, IReadOnlyList<OutcomeCount> Outcomes);

/// <summary>How many messages had one outcome. A redriven message counts as what became of it in the end.</summary>
/// <param name="State"><c>delivered</c>, <c>filtered</c>, <c>dead-lettered</c>, <c>parked</c>, <c>shed</c> or <c>expired</c>.</param>
/// <param name="Messages">How many.</param>
/// <param name="Share">Of the flow's messages, 0 to 1.</param>
public sealed record OutcomeCount(string State, long Messages, double Share)
{
    /// <summary>Code of the failure; null if there was none.</summary>
    public string? Cause { get; init; }

    /// <summary>The sink that gave them up, after the flow had delivered them to it; null if it is the flow's own outcome.</summary>
    public string? Sink { get; init; }
}

/// <summary>How many facts of a kind were told.</summary>
/// <param name="Fact"><c>delivered</c>, <c>bounced</c>, <c>read</c>, <c>rated</c>, <c>converted</c> or <c>label</c>.</param>
/// <param name="Facts">How many.</param>
/// <param name="Share">Of all facts told in that time, 0 to 1.</param>
/// <param name="Mean">Mean of the numbers told, such as ratings; null if none was.</param>
public sealed record FactCount(string Fact, long Facts, double Share, double? Mean);

/// <summary>What was told later.</summary>
/// <param name="Facts">Newest first.</param>
/// <param name="Before">What to ask for as <c>before</c> to look further back; null if all was looked through.</param>
public sealed record FactList(IReadOnlyList<OutcomeFactView> Facts, long? Before);

/// <summary>Which messages of a flow are asked for.</summary>
/// <param name="State">Their outcome.</param>
public sealed record OutcomeQuestion(string State)
{
    /// <summary>Code of the failure; null for any.</summary>
    public string? Cause { get; init; }

    /// <summary>The sink that gave them up; null for the flow's own outcome.</summary>
    public string? Sink { get; init; }

    /// <summary>How far back, such as <c>24h</c>; one minute to seven days.</summary>
    public string? Since { get; init; }

    /// <summary>Where to look further back, as an answer named it; null for the newest.</summary>
    public long? Before { get; init; }

    /// <summary>How many, 1 to 500; null for fifty.</summary>
    public int? Limit { get; init; }

    /// <summary>As the query of an address.</summary>
    public string Query => string.Join('&', new[] { ("state", State), ("cause", Cause), ("sink", Sink), ("since", Since), ("before", Text(Before)), ("limit", Text(Limit)) }
        .Where(part => !string.IsNullOrEmpty(part.Item2)).Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2!)}"));

    private static string? Text(IFormattable? number) => number?.ToString(null, System.Globalization.CultureInfo.InvariantCulture);
}
