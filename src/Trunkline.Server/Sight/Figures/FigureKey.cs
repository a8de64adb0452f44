namespace Trunkline.Server.Sight.Figures;

/// <summary>What a figure is of.</summary>
/// <param name="Instrument">A name of <see cref="Core.Telemetry.TelemetryNames"/>.</param>
/// <param name="Of">The flow, model or topic.</param>
/// <param name="Hop"><c>in</c>, or the sink; of tries and dead letters the step or sink they are of; of models the flow that asks; empty where it does not apply.</param>
/// <param name="Outcome">The outcome, or the cause of tries and dead letters; empty where it does not apply.</param>
internal readonly record struct FigureKey(string Instrument, string Of, string Hop = "", string Outcome = "");
