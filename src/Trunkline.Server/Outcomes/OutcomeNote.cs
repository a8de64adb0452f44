using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Outcomes;

/// <summary>What a runner knows of a message it is done with.</summary>
/// <param name="State">What became of it.</param>
/// <param name="Attempts">How often it was tried; 0 if never.</param>
/// <param name="Outputs">What its sinks got.</param>
/// <param name="Effects">What the outside answered.</param>
internal readonly record struct OutcomeNote(
    OutcomeState State, int Attempts, IReadOnlyList<SinkOutput> Outputs, IReadOnlyList<RecordedEffect> Effects)
{
    /// <summary>The code of the failure; null if there was none.</summary>
    public string? Cause { get; init; }

    /// <summary>Another model or way than the flow names gave the answer.</summary>
    public bool Degraded { get; init; }

    /// <summary>A message that was tried no further, or not at all.</summary>
    public static OutcomeNote Of(OutcomeState state, int attempts, string? cause) => new(state, attempts, [], []) { Cause = cause };

    /// <summary>What the code of a failure makes of a message: shedding and expiry are dead letters of their own kind.</summary>
    public static OutcomeState StateOf(string cause) =>
        cause.EndsWith(".shed", StringComparison.Ordinal) ? OutcomeState.Shed
        : cause.EndsWith(".expired", StringComparison.Ordinal) ? OutcomeState.Expired
        : OutcomeState.DeadLettered;
}
