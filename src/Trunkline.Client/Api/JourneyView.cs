namespace Trunkline.Client.Api;

/// <summary>The ways of messages over all flows.</summary>
/// <param name="Journeys">Oldest first.</param>
public sealed record JourneyList(IReadOnlyList<JourneyView> Journeys);

/// <summary>The way of one message: from where it came in, over every flow, to what was made of it.</summary>
/// <param name="Hops">The first is where it came in; each is followed by what was made of it.</param>
/// <param name="Whole">False if there is more than one question follows: 32 flows one after the other, 200 hops.</param>
public sealed record JourneyView(IReadOnlyList<JourneyHopView> Hops, bool Whole)
{
    /// <summary>What came in, without its values: names stay, values become their kind and length. Null if the message is no more, or too large.</summary>
    public System.Text.Json.JsonElement? Body { get; init; }

    /// <summary>When it came in.</summary>
    public DateTimeOffset Start => Hops.Min(hop => hop.Outcome.AppendedAt);

    /// <summary>When the last flow or sink was done with it so far.</summary>
    public DateTimeOffset End => Hops.Max(hop => hop.End);
}

/// <summary>A flow the message passed.</summary>
/// <param name="Depth">Flows before it: 0 for where it came in.</param>
/// <param name="Topic">The topic it stood in; null if the flow reads none, or runs no more.</param>
/// <param name="Outcome">What became of it there.</param>
public sealed record JourneyHopView(int Depth, string? Topic, OutcomeView Outcome)
{
    /// <summary>When the flow, or the last of its sinks, was done with it so far.</summary>
    public DateTimeOffset End => Outcome.Sinks.Select(sink => sink.At).Append(Outcome.At).Max()!.Value;
}
