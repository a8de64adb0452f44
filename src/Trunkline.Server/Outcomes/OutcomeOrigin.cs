namespace Trunkline.Server.Outcomes;

/// <summary>What all outcomes a runner writes on one revision share. Compared by reference.</summary>
/// <param name="Sink">The sink whose outbox is carried; empty for the flow itself.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Within">The flow's SLO: the longest a message may take; zero for none.</param>
/// <param name="Sinks">The flow's sinks, in the order outputs count them.</param>
internal sealed record OutcomeOrigin(string Sink, int Revision, TimeSpan Within, IReadOnlyList<OutcomeSink> Sinks);

/// <summary>A sink that got a message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Outbox">True if that was its outbox: whether the sink took it is another outcome.</param>
internal readonly record struct OutcomeSink(string Name, bool Outbox);
