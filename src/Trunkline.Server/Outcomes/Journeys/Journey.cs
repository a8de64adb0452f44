namespace Trunkline.Server.Outcomes.Journeys;

/// <summary>The way of a message over all flows: from where it came in to what was made of it.</summary>
/// <param name="Hops">The first is where it came in; each is followed by what was made of it.</param>
/// <param name="Whole">False if there is more than one question may follow.</param>
internal sealed record Journey(IReadOnlyList<JourneyHop> Hops, bool Whole);

/// <summary>A flow the message passed.</summary>
/// <param name="Outcome">What became of it there.</param>
/// <param name="Topic">The topic it stood in; null if the flow reads none, or runs no more.</param>
/// <param name="Depth">Flows before it.</param>
internal sealed record JourneyHop(Outcome Outcome, string? Topic, int Depth);
