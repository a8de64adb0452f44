namespace Trunkline.Server.Outcomes;

/// <summary>What became of a message in one flow: the newest of what was written, with what its sinks and the outside told later.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Row">The newest row of the flow itself.</param>
/// <param name="At">When it was written.</param>
/// <param name="Deliveries">How often it was delivered: 1, unless it was doubled.</param>
/// <param name="Sinks">Per sink that got it, or its outbox.</param>
/// <param name="Facts">What was told later.</param>
internal sealed record Outcome(
    string Flow, OutcomeRow Row, DateTimeOffset At, int Deliveries, IReadOnlyList<OutcomeReceipt> Sinks, IReadOnlyList<LaterFact> Facts);

/// <summary>What a sink told of a message.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Receipt">The id the message has there: of the message in the topic, or the one sent.</param>
/// <param name="State">Null while it waits in the outbox.</param>
/// <param name="At">When the sink had it, or gave it up; null while it waits.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Cause">Code of the failure; null if there was none.</param>
internal sealed record OutcomeReceipt(string Sink, string Receipt, OutcomeState? State, DateTimeOffset? At, int Attempts, string? Cause);
